package main

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"
)

var definitionResource = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

func toJSON(text []byte) ([]byte, error) { return yaml.YAMLToJSON(text) }

// materialize loads all custom resources and waits until each is ready.
func (b *bench) materialize(ctx context.Context, s scenario, m *manager, floor floor) error {
	natives := s.counts(ctx, b.all[0], present, nil)
	readies := newCounter(ctx, b.all[0], s.custom, s.domain, "", condition("Ready"), nil)
	defer natives.stop()
	defer readies.stop()
	shared, readyBefore := natives.count(), readies.count()
	before, err := m.requests(ctx)
	if err != nil {
		return err
	}
	cpu, spent, started := m.cpu(), b.spent(), time.Now()
	if err := each(ctx, b.all, s.count, s.create); err != nil {
		return err
	}
	exist, err := natives.await(ctx, s.natives()+shared, started)
	if err != nil {
		return err
	}
	allReady, err := readies.await(ctx, s.count+readyBefore, started)
	if err != nil {
		return err
	}
	spent = b.spent().minus(spent)
	if err := m.awaitQuiet(ctx, time.Second); err != nil {
		return err
	}
	sent, err := m.requests(ctx)
	if err != nil {
		return err
	}
	sent = sent.minus(before)
	n := float64(s.count)
	b.table.ratio(s.name+": native objects exist", exist.Seconds(), floor.exist.Seconds(), 0)
	b.table.ratio(s.name+": all ready", allReady.Seconds(), floor.ready.Seconds(), 1.15)
	if s.writes > 0 {
		b.table.atMost(s.name+": writes a resource", sent.writes()/n, "", s.writes)
	} else {
		b.table.plain(s.name+": writes a resource", sent.writes()/n, "")
	}
	for _, verb := range []string{"POST", "PATCH", "PUT", "DELETE"} {
		if sent[verb] > 0 {
			b.table.plain(s.name+": of these "+verb, sent[verb]/n, "")
		}
	}
	b.table.atMost(s.name+": reads a resource", sent["GET"]/n, "", 0)
	b.table.plain(s.name+": manager's processor time", m.cpu()-cpu, "s")
	for _, name := range []string{"kube-apiserver", "etcd", "kube-controller-manager", "bench"} {
		b.table.ratio(s.name+": "+name+"'s processor time", spent[name], floor.spent[name], 0)
	}
	b.table.atMost(s.name+": manager's peak memory", m.peak(), "MiB", memoryTarget(s.count))
	return nil
}

// memoryTarget is the bound for so many resources: 40 MiB for a thousand, 120
// for ten thousand, in a straight line between.
func memoryTarget(n int) float64 {
	if n <= 1000 {
		return 40
	}
	return 40 + 80*float64(n-1000)/9000
}

// repair deletes a hundred native objects and waits until they are back. Pods go
// at once: it is not the played kubelet that is measured, which moreover deletes
// by name alone, and so also a pod that has come back meanwhile.
func (b *bench) repair(ctx context.Context, s scenario, m *manager) error {
	n := min(100, s.count)
	back := s.counts(ctx, b.all[0], present, nil)
	defer back.stop()
	all := back.count()
	started := time.Now()
	err := each(ctx, b.all, n, func(ctx context.Context, c clients, i int) error {
		return c.dynamic.Resource(s.native).Namespace(s.domain).Delete(ctx, s.child(i, 0), metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)})
	})
	if err != nil {
		return err
	}
	took, err := back.await(ctx, all, started)
	if err != nil {
		return err
	}
	b.table.atMost(s.name+": 100 deleted children repaired", took.Seconds(), "s", 1)
	return m.awaitQuiet(ctx, 2*time.Second)
}

// restart starts the manager anew with everything in place.
func (b *bench) restart(ctx context.Context, s scenario, program string) (*manager, error) {
	started := time.Now()
	const quiet = time.Second
	m, err := startManager(ctx, program, b.kubeconfig, b.dir+".restart.log")
	if err != nil {
		return nil, err
	}
	took := time.Since(started) - quiet
	sent, err := m.requests(ctx)
	if err != nil {
		return m, err
	}
	b.table.plain(s.name+": restart until quiet", took.Seconds(), "s")
	b.table.plain(s.name+": restart requests", sent["GET"], "")
	b.table.atMost(s.name+": restart writes", sent.writes(), "", 0)
	b.table.atMost(s.name+": peak memory after a restart", m.peak(), "MiB", memoryTarget(s.count))
	return m, nil
}

// rest counts what the manager sends while nothing happens.
func (b *bench) rest(ctx context.Context, s scenario, m *manager, idle time.Duration) error {
	before, err := m.requests(ctx)
	if err != nil {
		return err
	}
	select {
	case <-time.After(idle):
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := m.requests(ctx)
	if err != nil {
		return err
	}
	b.table.atMost(s.name+": writes at rest in "+idle.String(), after.minus(before).writes(), "", 0)
	return nil
}

// remove deletes all custom resources and waits until what they made is gone.
func (b *bench) remove(ctx context.Context, s scenario, floor floor) error {
	gone := s.counts(ctx, b.all[0], present, nil)
	defer gone.stop()
	shared := gone.count() - s.natives()
	started := time.Now()
	err := each(ctx, b.all, s.count, func(ctx context.Context, c clients, i int) error {
		return c.dynamic.Resource(s.custom).Namespace(s.domain).Delete(ctx, name(i), metav1.DeleteOptions{})
	})
	if err != nil {
		return err
	}
	took, err := gone.await(ctx, shared, started)
	if err != nil {
		return err
	}
	b.table.atMost(s.name+": all deleted", took.Seconds(), "s", 3*float64(s.natives())/1000)
	b.table.ratio(s.name+": the same", took.Seconds(), floor.gone.Seconds(), 0)
	return b.clear(ctx, s.domain)
}
