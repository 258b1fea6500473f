package main

import (
	"context"
	"errors"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/test/bench/measure"
)

// floor is how long a raw client takes for the same.
type floor struct {
	// exist is when all native objects are there, ready when all custom
	// resources say so.
	exist, ready time.Duration
	// spent is what that took of the processors.
	spent measure.ProcessorTime
	// back is how long it takes until as many native objects as repair deletes are
	// there again, gone how long until all is deleted, each object by a request.
	back, gone time.Duration
}

// mean is the mean of the floor's turns: from before the manager's, between and after them, since
// everything takes the longer the more the plane has stored.
func mean(turns []floor) floor {
	m, n := floor{spent: measure.ProcessorTime{}}, time.Duration(len(turns))
	for _, f := range turns {
		m.exist += f.exist / n
		m.ready += f.ready / n
		m.back += f.back / n
		m.gone += f.gone / n
		for name, seconds := range f.spent {
			m.spent[name] += seconds / float64(n)
		}
	}
	return m
}

// status is what the floor writes on a custom resource: as much as the manager
// writes on one of the smallest kind.
const status = `{"status":{"observedGeneration":1,"backendHandle":"/api/v1/namespaces/bench/some/object","conditions":[` +
	`{"type":"Ready","status":"True","reason":"Succeeded","message":"as specified","observedGeneration":1,"lastTransitionTime":"2026-01-01T00:00:00Z"}]}}`

// held notes on custom resource i what is about to be made, where that is needed;
// release takes that off again.
func (s scenario) held(ctx context.Context, c clients, i int) error {
	if s.hold == nil {
		return nil
	}
	data, err := s.hold(i)
	if err != nil {
		return err
	}
	return s.patch(ctx, c, i, data)
}

func (s scenario) release(ctx context.Context, c clients, i int) error {
	if s.hold == nil {
		return nil
	}
	return s.patch(ctx, c, i, []byte(`{"metadata":{"finalizers":null}}`))
}

func (s scenario) patch(ctx context.Context, c clients, i int, data []byte) error {
	_, err := c.dynamic.Resource(s.custom).Namespace(s.domain).Patch(ctx, name(i), types.MergePatchType, data, metav1.PatchOptions{})
	return err
}

// report says on a custom resource that it is ready.
func (c clients) report(ctx context.Context, custom schema.GroupVersionResource, domain, name string, status []byte) error {
	_, err := c.dynamic.Resource(custom).Namespace(domain).
		Patch(ctx, name, types.MergePatchType, status, metav1.PatchOptions{}, "status")
	return err
}

// reportMade reports custom resource i, whose native objects have these UIDs.
func (s scenario) reportMade(ctx context.Context, c clients, i int, made []types.UID) error {
	data := []byte(status)
	if s.status != nil {
		var err error
		if data, err = s.status(i, made); err != nil {
			return err
		}
	}
	return c.report(ctx, s.custom, s.domain, name(i), data)
}

// floor makes the same writes as loader and manager together, is watched in the
// same way, and clears up.
func (b *bench) floor(ctx context.Context, s scenario) (f floor, err error) {
	if err := b.prepare(ctx, s); err != nil {
		return f, err
	}
	if s.prepareFloor != nil {
		if err := s.prepareFloor(ctx, b.all[0]); err != nil {
			return f, err
		}
	}
	natives := s.counts(ctx, b.all[0], present, nil)
	defer natives.stop()
	shared := natives.count()
	if err := b.materializeRaw(ctx, s, natives, &f); err != nil {
		return f, err
	}
	if f.back, err = b.repairRaw(ctx, s); err != nil {
		return f, err
	}
	if f.gone, err = b.deleteRaw(ctx, s, natives, shared); err != nil {
		return f, err
	}
	return f, b.clear(ctx, s.domain)
}

// materializeRaw makes the custom resources and their native objects, and reports
// each custom resource ready as soon as its native object is.
func (b *bench) materializeRaw(ctx context.Context, s scenario, natives *counter, f *floor) error {
	customs := newCounter(ctx, b.all[0], s.custom, s.domain, "", condition("Ready"), nil)
	defer customs.stop()
	reports := b.reportReady(ctx, s)
	wanted := natives.count() + s.natives()
	started, before := time.Now(), b.spent()
	err := each(ctx, b.all, s.count, func(ctx context.Context, c clients, i int) error {
		err := errors.Join(s.create(ctx, c, i), s.held(ctx, c, i))
		made := make([]types.UID, s.each())
		for n := range made {
			var failed error
			made[n], failed = s.floor(ctx, c, i, n)
			err = errors.Join(err, failed)
		}
		if !s.beside.Empty() {
			err = errors.Join(err, c.report(ctx, s.beside, s.domain, name(i), []byte(status)))
		}
		if s.isReady == nil {
			err = errors.Join(err, s.reportMade(ctx, c, i, made))
		}
		return err
	})
	if err != nil {
		return errors.Join(err, reports())
	}
	if f.exist, err = natives.await(ctx, wanted, started); err != nil {
		return errors.Join(err, reports())
	}
	if f.ready, err = customs.await(ctx, s.count, started); err != nil {
		return errors.Join(err, reports())
	}
	f.spent = b.spent().Minus(before)
	return reports()
}

// reportReady reports custom resources whose native objects become ready, by as
// many connections as make them. The function that it returns ends that. There is
// nothing to do for kinds that are ready as soon as they exist.
func (b *bench) reportReady(ctx context.Context, s scenario) (end func() error) {
	if s.isReady == nil {
		return func() error { return nil }
	}
	due := make(chan string, s.count)
	ready := s.counts(ctx, b.all[0], s.isReady, func(name string) { due <- name })
	over := make(chan struct{})
	errs := make([]error, len(b.all))
	var reporting sync.WaitGroup
	for w, c := range b.all {
		reporting.Go(func() {
			for {
				select {
				case name := <-due:
					errs[w] = errors.Join(errs[w], c.report(ctx, s.custom, s.domain, name, []byte(status)))
				case <-over:
					return
				}
			}
		})
	}
	return func() error {
		close(over)
		reporting.Wait()
		ready.stop()
		return errors.Join(errs...)
	}
}

// repairRaw deletes some native objects and makes each again at once.
func (b *bench) repairRaw(ctx context.Context, s scenario) (time.Duration, error) {
	back, err := b.newcomers(ctx, s)
	if err != nil {
		return 0, err
	}
	defer back.stop()
	started := time.Now()
	err = each(ctx, b.all, s.repaired(), func(ctx context.Context, c clients, i int) error {
		err := s.removeChild(ctx, c, i, 0, atOnce())
		_, failed := s.floor(ctx, c, i, 0)
		return errors.Join(err, failed)
	})
	if err != nil {
		return 0, err
	}
	return back.await(ctx, s.repaired(), started)
}

// deleteRaw deletes each custom resource and its native objects, but for those
// that they share.
func (b *bench) deleteRaw(ctx context.Context, s scenario, natives *counter, shared int) (time.Duration, error) {
	started := time.Now()
	err := each(ctx, b.all, s.count, func(ctx context.Context, c clients, i int) error {
		err := s.remove(ctx, c, i)
		for n := range s.each() {
			err = errors.Join(err, s.removeChild(ctx, c, i, n, metav1.DeleteOptions{}))
		}
		return errors.Join(err, s.release(ctx, c, i))
	})
	if err != nil {
		return 0, err
	}
	return natives.await(ctx, shared, started)
}
