package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"xos.opencord.org/kubernetes-service/hack/localplane/internal/broker"
	"xos.opencord.org/kubernetes-service/hack/localplane/internal/ports"
	"xos.opencord.org/kubernetes-service/hack/localplane/internal/process"
)

// stopGrace is how long a component may take to end by itself.
const stopGrace = 10 * time.Second

// Plane is a control plane that runs, or is on its way there.
type Plane struct {
	options   Options
	dir       *dir
	addresses addresses
	ids       identities
	progress  *progress

	// children are in the order in which they were started.
	children []*process.Child
	broker   *broker.Broker
	// fail ends the plane's context with the failure of a component that ended
	// unasked.
	fail context.CancelCauseFunc
}

// Ready describes where a plane answers. It is the content of ready.json, which exists only while
// everything answers.
type Ready struct {
	// Kubeconfig is the administrator's.
	Kubeconfig string `json:"kubeconfig"`
	// Kafka is the broker's host:port; empty where there is none.
	Kafka string `json:"kafka,omitempty"`
	// AuditLog is the file with one line a request; empty where there is none.
	AuditLog string `json:"auditLog,omitempty"`
	// Pid is the process that holds the plane up.
	Pid int `json:"pid"`
}

// Run starts a plane, holds it up until ctx ends, and stops it. It returns nil
// where it came up and was stopped by ctx, else what failed.
func Run(ctx context.Context, options Options) error {
	options, err := options.complete()
	if err != nil {
		return err
	}
	d, err := openDir(options.Dir)
	if err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	p := &Plane{options: options, dir: d, progress: newProgress(options.Progress), fail: fail}
	err = p.hold(ctx)
	return errors.Join(err, p.stop(), d.release())
}

// hold starts the plane and returns when ctx ends: with nil where that is what
// the caller asked for, else with why.
func (p *Plane) hold(ctx context.Context) error {
	err := p.start(ctx)
	if err == nil {
		<-ctx.Done()
	}
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, context.Canceled):
		return nil
	case cause != nil:
		// That a component died says more than what was waited for meanwhile.
		return cause
	default:
		return err
	}
}

// start returns when everything answers and the kubeconfig is in place.
func (p *Plane) start(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, p.options.StartTimeout)
	defer done()
	steps := []func(context.Context) error{p.layOut, p.startBroker, p.startStore, p.startAPIServer, p.startControl, p.announce}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// layOut gets directory, ports and identities ready, rid of what an earlier
// run left.
func (p *Plane) layOut(ctx context.Context) error {
	left, err := process.Sweep(ctx, p.dir.run())
	if err != nil {
		return err
	}
	if len(left) > 0 {
		p.progress.say("killed what an earlier run had left: %s", strings.Join(left, ", "))
	}
	if err := p.dir.prepare(p.options.KeepData); err != nil {
		return err
	}
	if p.addresses, err = pickAddresses(ctx, p.dir.ports()); err != nil {
		return err
	}
	if p.ids, err = issueIdentities(p.dir.pki(), p.addresses); err != nil {
		return err
	}
	return p.writeConfig()
}

// launch starts one component and watches over it.
func (p *Plane) launch(name string, args []string) (*process.Child, error) {
	child, err := process.Start(p.spec(name, args))
	if err != nil {
		return nil, err
	}
	p.children = append(p.children, child)
	go func() {
		<-child.Done()
		// Of no effect where the plane is being stopped.
		p.fail(child.Failure())
	}()
	return child, nil
}

func (p *Plane) startBroker(context.Context) error {
	if !p.options.Kafka {
		return nil
	}
	var data string
	if p.options.KeepData {
		data = filepath.Join(p.dir.data(), "kafka")
	}
	var err error
	if p.broker, err = broker.Start(p.addresses.Kafka, data); err != nil {
		return err
	}
	p.progress.say("Kafka answers at %s", ports.Address(p.addresses.Kafka))
	return nil
}

// announce writes the files that announce the plane to other processes.
func (p *Plane) announce(context.Context) error {
	content, err := os.ReadFile(p.ids.admin.kubeconfig)
	if err != nil {
		return fmt.Errorf("read the administrator's kubeconfig: %w", err)
	}
	if err := writeFile(p.dir.kubeconfig(), content); err != nil {
		return err
	}
	ready := Ready{Kubeconfig: p.dir.kubeconfig(), AuditLog: p.options.AuditLog, Pid: os.Getpid()}
	if p.broker != nil {
		ready.Kafka = ports.Address(p.addresses.Kafka)
	}
	raw, err := json.Marshal(ready)
	if err != nil {
		return fmt.Errorf("encode the announcement: %w", err)
	}
	if err := writeFile(p.dir.ready(), raw); err != nil {
		return err
	}
	p.progress.say("ready: export KUBECONFIG=%s", ready.Kubeconfig)
	return nil
}

// stop ends everything in the reverse order of its start and throws the data
// away unless it is to be kept.
func (p *Plane) stop() error {
	errs := []error{p.dir.announceDown()}
	for i := len(p.children) - 1; i >= 0; i-- {
		errs = append(errs, p.children[i].Stop(stopGrace))
	}
	if p.broker != nil {
		p.broker.Stop()
	}
	if !p.options.KeepData {
		errs = append(errs, p.dir.throwAway())
	}
	p.progress.say("stopped")
	return errors.Join(errs...)
}
