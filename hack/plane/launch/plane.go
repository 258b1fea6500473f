// Package launch starts local control planes: etcd, API server, controller manager
// and scheduler, with nodes that kwok plays, on loopback. The programs are built on
// first use (see package binaries).
//
// Environment:
//
//   - XOS_PLANE_KUBECONFIG names the kubeconfig of a plane that is up already
//     ("go run ./hack/plane up"); Open uses that one and leaves it up.
//   - XOS_PLANE_KEEP=1 keeps the directories of planes, and prints where they are.
//   - XOS_PLANE_USES names a directory in which each plane leaves what accounts
//     did; hack/rbacaudit compares it with what the manager may do.
//   - KUBEBUILDER_ASSETS names a directory of control plane programs to be used
//     instead of built ones.
//
// Only what runs and reaches a plane may live here, nothing of what XOS does.
package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/hack/child"
	"xos.opencord.org/kubernetes-service/hack/plane/audit"
	"xos.opencord.org/kubernetes-service/hack/plane/binaries"
)

const (
	kubeconfigEnv = "XOS_PLANE_KUBECONFIG"
	keepEnv       = "XOS_PLANE_KEEP"
)

const readyInterval = 20 * time.Millisecond

// Options say what a plane has.
type Options struct {
	// Nodes is how many nodes there are. With none, pods stay Pending.
	Nodes int
	// Kafka is whether there is a Kafka broker; see Plane.Kafka.
	Kafka bool
	// AuditLog is true where the tests read the audit log. A plane that is started
	// has one; a plane that is up already is refused without it.
	AuditLog bool
	// NoAuditLog has a plane started without one: what is measured on it does not
	// include the log.
	NoAuditLog bool
	// APIServerFlags are further flags of kube-apiserver, as "name=value".
	APIServerFlags []string
	// CRDs is a directory of CustomResourceDefinitions that are installed
	// before the first test; empty for none.
	CRDs string
	// KeepData lets the plane find its data again when it is started after a
	// stop.
	KeepData bool
}

// Plane is a control plane that runs.
type Plane struct {
	// Dir holds all there is of the plane: logs in logs/, keys in pki/.
	Dir string
	// Kafka is the broker's host:port; empty without Options.Kafka.
	Kafka string
	// AuditLog is a file with one audit.k8s.io/v1 Event (level Metadata, stages
	// from ResponseStarted on) a line; see package audit. It is empty for a plane that
	// was started without one and is used by tests that did not ask for it.
	AuditLog string

	kubeconfig string
	config     *rest.Config
	options    Options
	programs   binaries.Binaries
	// process is nil for a plane that was up already.
	process *child.Process
}

// Config returns a fresh configuration of a client that may do everything and
// isn't slowed down on its side. It may be changed.
func (p *Plane) Config() *rest.Config { return rest.CopyConfig(p.config) }

// Kubeconfig is the path of the administrator's kubeconfig.
func (p *Plane) Kubeconfig() string { return p.kubeconfig }

// Start makes a directory and starts a plane in it. Progress gets a line a step.
func Start(ctx context.Context, options Options, progress io.Writer) (*Plane, error) {
	programs, err := binaries.Ensure(ctx, progress)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "xos-plane-")
	if err != nil {
		return nil, fmt.Errorf("make the plane's directory: %w", err)
	}
	p := &Plane{Dir: dir, options: options, programs: programs}
	if err := p.Up(ctx, progress); err != nil {
		return nil, errors.Join(err, p.Discard(progress))
	}
	return p, nil
}

// Up starts the plane in its directory and returns when everything answers.
func (p *Plane) Up(ctx context.Context, progress io.Writer) error {
	var err error
	if p.process, err = child.Start(p.programs.Localplane, p.Command()[1:], progress); err != nil {
		return fmt.Errorf("start a plane in %s: %w", p.Dir, err)
	}
	if err := p.await(ctx); err != nil {
		return fmt.Errorf("start a plane in %s: %w", p.Dir, err)
	}
	return p.take(ctx)
}

// await returns when the plane is up, or why it never will be.
func (p *Plane) await(ctx context.Context) error {
	tick := time.NewTicker(readyInterval)
	defer tick.Stop()
	for !p.announced(p.Pid()) {
		select {
		case <-p.process.Done:
			return fmt.Errorf("it did not come up: %w", p.process.Err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	return nil
}

// Pid is the process ID of the plane's launcher; 0 where this program did not start
// it, or has stopped it.
func (p *Plane) Pid() int {
	if p.process == nil {
		return 0
	}
	return p.process.Pid()
}

// Kill ends the plane's launcher without notice, which takes its components with it.
func (p *Plane) Kill() error { return p.process.Kill() }

// Command is the command line by which the plane is started.
func (p *Plane) Command() []string {
	args := []string{
		p.programs.Localplane, "up",
		"--dir=" + p.Dir,
		fmt.Sprintf("--nodes=%d", p.options.Nodes),
		fmt.Sprintf("--kafka=%t", p.options.Kafka),
		fmt.Sprintf("--keep-data=%t", p.options.KeepData),
		"--kwok=" + p.programs.Kwok,
	}
	if !p.options.NoAuditLog {
		args = append(args, "--audit-log="+filepath.Join(p.Dir, "logs", "audit.log"))
	}
	for _, flag := range p.options.APIServerFlags {
		args = append(args, "--apiserver-flag="+flag)
	}
	return args
}

// stopTimeout is longer than a plane takes to stop even where all its
// components have to be killed.
const stopTimeout = 90 * time.Second

// Down stops the plane; its directory stays.
func (p *Plane) Down() error {
	if p.process == nil {
		return nil
	}
	err := p.process.Stop(stopTimeout)
	p.process = nil
	return err
}

// Discard stops the plane and removes its directory, unless it is to be kept.
func (p *Plane) Discard(progress io.Writer) error {
	err := errors.Join(p.Down(), audit.LeaveUses(p.AuditLog))
	if os.Getenv(keepEnv) != "" {
		fmt.Fprintf(progress, "the plane's directory is kept: %s\n", p.Dir)
		return err
	}
	return errors.Join(err, os.RemoveAll(p.Dir))
}
