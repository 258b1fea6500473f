// Package plane gives tests a real Kubernetes control plane: etcd, API server,
// controller manager and scheduler, with nodes that kwok plays, on loopback. A
// package starts one for all its tests in TestMain and keeps them apart by
// namespace; a test that needs to be alone starts a fresh one.
//
//	func TestMain(m *testing.M) {
//		os.Exit(plane.Main(m, plane.Options{Nodes: 2, CRDs: "../../crds"}))
//	}
//
//	func TestService(t *testing.T) {
//		p := plane.Shared(t)
//		client := kubernetes.NewForConfigOrDie(p.Config())
//		namespace := plane.Namespace(t, p)
//		...
//		plane.Wait(t, 30*time.Second, func(ctx context.Context) (bool, string) { ... })
//	}
//
// The programs are built on first use (see package binaries), which may take
// longer than "go test" lets a package run: "go run ./hack/plane build" before.
//
// Environment:
//
//   - XOS_PLANE_KUBECONFIG names the kubeconfig of a plane that is up already
//     ("go run ./hack/plane up"); Main uses that one and leaves it up.
//   - XOS_PLANE_KEEP=1 keeps the directories of planes, and prints where they are.
//   - XOS_PLANE_USES names a directory in which each plane leaves what accounts
//     did; hack/rbacaudit compares it with what the manager may do.
//   - KUBEBUILDER_ASSETS names a directory of control plane programs to be used
//     instead of built ones.
//
// Only what runs and reaches a plane may live here, nothing of what XOS does.
package plane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/test/plane/binaries"
)

const (
	kubeconfigEnv = "XOS_PLANE_KUBECONFIG"
	keepEnv       = "XOS_PLANE_KEEP"
)

// Options say what a plane has.
type Options struct {
	// Nodes is how many nodes there are. With none, pods stay Pending.
	Nodes int
	// Kafka says whether there is a Kafka broker; see Plane.Kafka.
	Kafka bool
	// AuditLog says that the tests read the audit log. A plane that is started
	// has one; a plane that is up already is refused without it.
	AuditLog bool
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
	// from ResponseStarted on) a line; see AuditSince. It is empty for a plane that
	// was started without one and is used by tests that did not ask for it.
	AuditLog string

	kubeconfig string
	config     *rest.Config
	options    Options
	programs   binaries.Binaries
	process    *process
}

// Config returns a fresh configuration of a client that may do everything and
// isn't slowed down on its side. It may be changed.
func (p *Plane) Config() *rest.Config { return rest.CopyConfig(p.config) }

// Kubeconfig is the path of the administrator's kubeconfig.
func (p *Plane) Kubeconfig() string { return p.kubeconfig }

// start makes a directory and starts a plane in it. Progress gets a line a step.
func start(ctx context.Context, options Options, progress io.Writer) (*Plane, error) {
	programs, err := binaries.Ensure(ctx, progress)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "xos-plane-")
	if err != nil {
		return nil, fmt.Errorf("make the plane's directory: %w", err)
	}
	p := &Plane{Dir: dir, options: options, programs: programs}
	if err := p.up(ctx, progress); err != nil {
		return nil, errors.Join(err, p.discard(progress))
	}
	return p, nil
}

// up starts the plane in its directory and returns when everything answers.
func (p *Plane) up(ctx context.Context, progress io.Writer) error {
	var err error
	if p.process, err = startProcess(p.programs.Localplane, p.arguments(), progress); err != nil {
		return fmt.Errorf("start a plane in %s: %w", p.Dir, err)
	}
	if err := p.process.await(ctx, func() bool { return p.announced(p.process.pid()) }); err != nil {
		return fmt.Errorf("start a plane in %s: %w", p.Dir, err)
	}
	return p.take(ctx)
}

func (p *Plane) arguments() []string {
	args := []string{
		"up",
		"--dir=" + p.Dir,
		fmt.Sprintf("--nodes=%d", p.options.Nodes),
		fmt.Sprintf("--kafka=%t", p.options.Kafka),
		fmt.Sprintf("--keep-data=%t", p.options.KeepData),
		"--kwok=" + p.programs.Kwok,
		"--audit-log=" + filepath.Join(p.Dir, "logs", "audit.log"),
	}
	for _, flag := range p.options.APIServerFlags {
		args = append(args, "--apiserver-flag="+flag)
	}
	return args
}

// stopTimeout is longer than a plane takes to stop even where all its
// components have to be killed.
const stopTimeout = 90 * time.Second

// down stops the plane; its directory stays.
func (p *Plane) down() error {
	if p.process == nil {
		return nil
	}
	err := p.process.stop(stopTimeout)
	p.process = nil
	return err
}

// discard stops the plane and removes its directory, unless it is to be kept.
func (p *Plane) discard(progress io.Writer) error {
	err := errors.Join(p.down(), p.leaveUses())
	if os.Getenv(keepEnv) != "" {
		fmt.Fprintf(progress, "the plane's directory is kept: %s\n", p.Dir)
		return err
	}
	return errors.Join(err, os.RemoveAll(p.Dir))
}
