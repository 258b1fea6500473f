package pull

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

const (
	// pageSize bounds the memory of a full list.
	pageSize = 500
	// lag is how far behind a healthy watch may be: what it has not told by
	// then it will not tell.
	lag = 5 * time.Second
	// listRetry is the time to the next try after a full list that failed.
	listRetry = 30 * time.Second
)

// resync compares the cache of pods with the server's list, again and again.
// Watches have been known to miss events (kubernetes#123072, #115658).
func (p *Puller) resync(ctx context.Context) {
	for {
		if p.pause(ctx, jittered(p.selection.Load().ResyncPeriod), p.reselected) {
			continue // the period may have changed
		}
		for ctx.Err() == nil {
			repairs, err := p.fullList(ctx)
			if err == nil {
				p.listed(repairs)
				break
			}
			if ctx.Err() == nil {
				klog.FromContext(ctx).Error(err, "A full list of pods failed; trying again", "in", listRetry)
			}
			p.pause(ctx, listRetry, nil)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// pause waits, and says whether it was woken before the time.
func (p *Puller) pause(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := p.opts.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
		return false
	case <-wake:
		return true
	case <-ctx.Done():
		return false
	}
}

func (p *Puller) listed(repairs int) {
	now := p.opts.Clock.Now()
	p.lastFullList.Store(&now)
	if p.opts.OnFullList != nil {
		p.opts.OnFullList(now, repairs)
	}
	p.sweepPulled()
}

// fullList finds the pods of which the server's list and the cache tell
// different things, gives the watch time to catch up with both, and sets right
// what is different still. It returns how many that were.
func (p *Puller) fullList(ctx context.Context) (repairs int, err error) {
	if !p.selection.Load().Enabled {
		return 0, nil
	}
	suspects, err := p.suspects(ctx)
	if err != nil || len(suspects) == 0 {
		return 0, err
	}
	p.pause(ctx, lag, nil)
	var errs []error
	for name := range suspects {
		repaired, err := p.repair(ctx, name)
		if repaired {
			repairs++
		}
		errs = append(errs, err)
	}
	return repairs, errors.Join(errs...)
}

// suspects are the names of pods that only the list or only the cache has, or
// that are not the same pods in both.
func (p *Puller) suspects(ctx context.Context) (map[cache.ObjectName]bool, error) {
	listed := map[types.UID]bool{}
	suspects := map[cache.ObjectName]bool{}
	client := p.cluster.Metadata.Resource(corev1.SchemeGroupVersion.WithResource("pods"))
	opts := metav1.ListOptions{Limit: pageSize} // no resource version: a quorum read
	for {
		page, err := client.List(ctx, opts)
		if err != nil {
			return nil, fmt.Errorf("list pods: %w", err)
		}
		for i := range page.Items {
			pod := &page.Items[i]
			listed[pod.UID] = true
			if !p.pods.has(cache.MetaObjectToName(pod), pod.UID) {
				suspects[cache.MetaObjectToName(pod)] = true
			}
		}
		if opts.Continue = page.Continue; opts.Continue == "" {
			break
		}
	}
	for _, pod := range p.cluster.Pods.All() {
		if !listed[pod.UID] && p.pods.has(cache.MetaObjectToName(pod), pod.UID) {
			suspects[cache.MetaObjectToName(pod)] = true
		}
	}
	return suspects, nil
}

// repair asks the server about a single pod, and corrects the cache where it
// says something else.
func (p *Puller) repair(ctx context.Context, name cache.ObjectName) (bool, error) {
	known := p.pods.get(name)
	live, err := p.cluster.Kubernetes.CoreV1().Pods(name.Namespace).Get(ctx, name.Name, metav1.GetOptions{})
	gone := apierrors.IsNotFound(err)
	switch {
	case err != nil && !gone:
		return false, fmt.Errorf("get pod %s: %w", name, err)
	case gone && known == nil, !gone && known != nil && known.UID == live.UID:
		return false, nil // the watch has caught up
	}
	if known != nil {
		p.correct(known, "deleted")
		p.pods.remove(known)
		p.memory.witness(known.UID) // the server has just confirmed it
		p.podEnded(known)
		p.enqueue(known)
	}
	if !gone {
		p.correct(live, "added")
		p.pods.add(live)
		p.enqueue(live)
	}
	return true, nil
}

func (p *Puller) correct(pod *corev1.Pod, missed string) {
	resyncRepairs.WithLabelValues(missed).Inc()
	klog.Background().Info("The watch missed an event, a full list set it right", "missed", missed, "pod", klog.KObj(pod), "uid", pod.UID)
}
