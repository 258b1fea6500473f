package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"xos.opencord.org/kubernetes-service/test/bench/measure"
)

const (
	// connections is how many the loader uses.
	connections = 16
	// starting is how many pods start at a time: enough that the scheduler is never idle, and few
	// enough that none waits long for it.
	starting = 16
	// turnLabel says in whose turn a pod was created.
	turnLabel = "bench.example.org/turn"
	// managedTurn and floorTurn are its values.
	managedTurn, floorTurn = "managed", "floor"
	// images is how many different images the pods have.
	images = 20
)

// figures are what a turn came to.
type figures struct {
	// running is when all pods run, done when nothing is left to do for them; gone is the same of
	// the deleted ones.
	running, done, gone time.Duration
	// loadCPU and unloadCPU are the processor time of that.
	loadCPU, unloadCPU float64
	// events and ends are the times from a change to the committed event, sorted.
	events, ends []time.Duration
	// published is how long it took until the last event of the load.
	published time.Duration
	// The following are of the manager alone: its requests for the created and the deleted pods, its
	// memory in MiB, and its restart.
	created, ended                          measure.Requests
	base, resident, peak, restartedResident float64
	quiet                                   time.Duration
	again, rested                           measure.Requests
}

func ownDial() func(context.Context, string, string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext
}

// processIdle waits until a process is at rest.
func processIdle(ctx context.Context, pid int) error { return measure.AwaitIdle(ctx, pid, quiet) }

func namespaceOf(turn string, i, namespaces int) string {
	return fmt.Sprintf("%s-%03d", turn, i%namespaces)
}

// warm creates the namespaces with one pod in each, so that what pods depend on is recorded.
func (b *bench) warm(ctx context.Context, turn string, idle func(context.Context) error) error {
	progress("%s: %d namespaces", turn, b.namespaces)
	err := b.each(ctx, b.namespaces, func(ctx context.Context, kube kubernetes.Interface, i int) error {
		name := namespaceOf(turn, i, b.namespaces)
		_, err := kube.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		// A pod is refused before its namespace has the account.
		return measure.Await(ctx, func() bool {
			_, err := kube.CoreV1().ServiceAccounts(name).Get(ctx, "default", metav1.GetOptions{})
			return err == nil
		})
	})
	if err != nil {
		return err
	}
	err = b.each(ctx, max(b.namespaces, images), func(ctx context.Context, kube kubernetes.Interface, i int) error {
		return b.create(ctx, kube, turn, fmt.Sprintf("first-%05d", i), i)
	})
	if err != nil {
		return err
	}
	return b.settled(ctx, turn, max(b.namespaces, images), idle)
}

func (b *bench) create(ctx context.Context, kube kubernetes.Interface, turn, name string, i int) error {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{turnLabel: turn, "app.kubernetes.io/name": "bench", "app.kubernetes.io/version": "v1"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: fmt.Sprintf("registry.example.org/bench/application-%02d:v1", i%images)}}},
	}
	_, err := kube.CoreV1().Pods(namespaceOf(turn, i, b.namespaces)).Create(ctx, pod, metav1.CreateOptions{})
	return err
}

// settled waits until so many pods of a turn run and nothing is left to do for them.
func (b *bench) settled(ctx context.Context, turn string, want int, idle func(context.Context) error) error {
	if err := b.await(ctx, turn, want); err != nil {
		return err
	}
	return idle(ctx)
}

// await waits until a turn has so many pods, and all of them run.
func (b *bench) await(ctx context.Context, turn string, want int) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	told := time.Now()
	err := measure.Await(ctx, func() bool {
		existing, running := b.seen.counts(turn)
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			progress("%s: %d pods, %d of them run", turn, existing, running)
		}
		return existing == want && running == want
	})
	if err != nil {
		existing, running := b.seen.counts(turn)
		return fmt.Errorf("%d pods of %d, %d run: %w", existing, want, running, err)
	}
	return nil
}

// load creates the pods as fast as they start.
func (b *bench) load(ctx context.Context, turn string, pid int, idle func(context.Context) error, f *figures) error {
	there, _ := b.seen.counts(turn)
	b.seen.take()
	used, started := measure.ProcessorSeconds(pid), time.Now()
	err := b.each(ctx, b.pods, func(ctx context.Context, kube kubernetes.Interface, i int) error {
		select {
		case b.seen.starting <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		return b.create(ctx, kube, turn, fmt.Sprintf("pod-%05d", i), i)
	})
	if err != nil {
		return err
	}
	progress("%s: created %d pods in %v", turn, b.pods, time.Since(started).Round(time.Millisecond))
	if err := b.await(ctx, turn, there+b.pods); err != nil {
		return err
	}
	f.running = time.Since(started)
	if err := idle(ctx); err != nil {
		return err
	}
	f.done, f.loadCPU = time.Since(started)-quiet, measure.ProcessorSeconds(pid)-used
	var last time.Time
	f.events, last = b.seen.take()
	f.published = last.Sub(started)
	progress("%s: all run after %v, done after %v", turn, f.running.Round(time.Millisecond), f.done.Round(time.Millisecond))
	return nil
}

// unload deletes some of the pods.
func (b *bench) unload(ctx context.Context, turn string, pid int, idle func(context.Context) error, f *figures) error {
	there, _ := b.seen.counts(turn)
	used, started := measure.ProcessorSeconds(pid), time.Now()
	err := b.each(ctx, b.deleted, func(ctx context.Context, kube kubernetes.Interface, i int) error {
		return kube.CoreV1().Pods(namespaceOf(turn, i, b.namespaces)).Delete(ctx, fmt.Sprintf("pod-%05d", i), metav1.DeleteOptions{})
	})
	if err != nil {
		return err
	}
	if err := b.await(ctx, turn, there-b.deleted); err != nil {
		return err
	}
	if err := idle(ctx); err != nil {
		return err
	}
	f.gone, f.unloadCPU = time.Since(started)-quiet, measure.ProcessorSeconds(pid)-used
	f.ends, _ = b.seen.take()
	progress("%s: %d pods and their records are gone after %v", turn, b.deleted, f.gone.Round(time.Millisecond))
	return nil
}

// each calls do for 0 to n-1, spread over the connections, and returns the first error.
func (b *bench) each(ctx context.Context, n int, do func(context.Context, kubernetes.Interface, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var working sync.WaitGroup
	for _, kube := range b.kube {
		working.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(ctx, kube, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	working.Wait()
	return context.Cause(ctx)
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
