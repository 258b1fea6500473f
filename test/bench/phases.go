package main

import (
	"context"
	"path/filepath"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/test/bench/measure"
)

// figures are what a scenario's run with the manager came to.
type figures struct {
	// exist is when all native objects are there, ready when all custom resources
	// say so; spent and cpu are what that took of the processors, cpu the
	// manager's own.
	exist, ready time.Duration
	spent        measure.ProcessorTime
	cpu          float64
	// sent are the manager's requests for it.
	sent measure.Requests
	// back is when the repaired native objects are there again, gone when all are
	// gone.
	back, gone time.Duration
	// quiet is how long a restarted manager sends requests, restarted which, and
	// rested which it sends at rest.
	quiet             time.Duration
	restarted, rested measure.Requests
	// peak and restartedPeak are the manager's largest resident sets, in MiB;
	// caches that of a process which fills the same caches and does nothing else.
	peak, restartedPeak, caches float64
}

// meanOfTurns is the mean of the times until everything was there and ready, and of what that took
// of the processors. All else is the last turn's.
func meanOfTurns(turns []figures) figures {
	last, n := turns[len(turns)-1], time.Duration(len(turns))
	last.exist, last.ready, last.cpu, last.spent = 0, 0, 0, measure.ProcessorTime{}
	for _, f := range turns {
		last.exist += f.exist / n
		last.ready += f.ready / n
		last.cpu += f.cpu / float64(n)
		for name, seconds := range f.spent {
			last.spent[name] += seconds / float64(n)
		}
	}
	return last
}

// materialize loads all custom resources and waits until each is ready.
func (b *bench) materialize(ctx context.Context, s scenario, m *measure.Manager, f *figures) error {
	natives := s.counts(ctx, b.all[0], present, nil)
	readies := newCounter(ctx, b.all[0], s.custom, s.domain, "", condition("Ready"), nil)
	defer natives.stop()
	defer readies.stop()
	shared, readyBefore := natives.count(), readies.count()
	before, err := m.Requests(ctx)
	if err != nil {
		return err
	}
	cpu, spent, started := m.CPU(), b.spent(), time.Now()
	if err := each(ctx, b.all, s.count, s.create); err != nil {
		return err
	}
	if f.exist, err = natives.await(ctx, s.natives()+shared, started); err != nil {
		return err
	}
	if f.ready, err = readies.await(ctx, s.count+readyBefore, started); err != nil {
		return err
	}
	f.spent = b.spent().Minus(spent)
	if err := m.AwaitQuiet(ctx, time.Second); err != nil {
		return err
	}
	sent, err := m.Requests(ctx)
	f.sent, f.cpu, f.peak = sent.Minus(before), m.CPU()-cpu, m.Peak()
	return err
}

// repair deletes some native objects and waits until they are back.
func (b *bench) repair(ctx context.Context, s scenario, m *measure.Manager, f *figures) error {
	back, err := b.newcomers(ctx, s)
	if err != nil {
		return err
	}
	defer back.stop()
	started := time.Now()
	err = each(ctx, b.all, s.repaired(), func(ctx context.Context, c clients, i int) error {
		return s.removeChild(ctx, c, i, 0, atOnce())
	})
	if err != nil {
		return err
	}
	if f.back, err = back.await(ctx, s.repaired(), started); err != nil {
		return err
	}
	return m.AwaitQuiet(ctx, 2*time.Second)
}

// newcomers counts the native objects that are not there yet.
func (b *bench) newcomers(ctx context.Context, s scenario) (*counter, error) {
	all, err := b.all[0].metadata.Resource(s.native).Namespace(s.domain).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	old := map[types.UID]bool{}
	for _, o := range all.Items {
		old[o.UID] = true
	}
	return s.counts(ctx, b.all[0], func(o *unstructured.Unstructured) bool { return !old[o.GetUID()] }, nil), nil
}

// restart starts the manager anew with everything in place.
func (b *bench) restart(ctx context.Context, program string, f *figures) (*measure.Manager, error) {
	started := time.Now()
	const quiet = time.Second
	m, err := startManager(ctx, program, b.plane.Kubeconfig(), filepath.Join(b.logs, "restart.log"))
	if err != nil {
		return nil, err
	}
	f.quiet = time.Since(started) - quiet
	f.restarted, err = m.Requests(ctx)
	f.restartedPeak = m.Peak()
	return m, err
}

// rest counts what the manager sends while nothing happens.
func (b *bench) rest(ctx context.Context, m *measure.Manager, idle time.Duration, f *figures) error {
	before, err := m.Requests(ctx)
	if err != nil {
		return err
	}
	select {
	case <-time.After(idle):
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := m.Requests(ctx)
	f.rested = after.Minus(before)
	return err
}

// remove deletes all custom resources and waits until what they made is gone.
func (b *bench) remove(ctx context.Context, s scenario, f *figures) error {
	natives := s.counts(ctx, b.all[0], present, nil)
	defer natives.stop()
	shared := natives.count() - s.natives()
	started := time.Now()
	if err := each(ctx, b.all, s.count, s.remove); err != nil {
		return err
	}
	var err error
	if f.gone, err = natives.await(ctx, shared, started); err != nil {
		return err
	}
	return b.clear(ctx, s.domain)
}
