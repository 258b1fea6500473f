package pull

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
)

const (
	// pageSize bounds the memory of a full list: the metadata of an object may be a MiB of text
	// that tenants write.
	pageSize = 100
	// lag is how far behind a healthy watch may be: what it has not shown by
	// then it will not tell.
	lag = 5 * time.Second
	// listRetry is the time to the next try after a full list that failed.
	listRetry = 30 * time.Second
)

// podLister compares the cache of pods with full lists of the server, and corrects it.
type podLister struct {
	cluster  *cluster.Cluster
	clock    clock.WithTicker
	pods     *podCache
	selector *podSelector
	// gone and found are called for a pod that the watch had wrong, after the cache
	// was corrected.
	gone, found func(*corev1.Pod)
	// nodes are listed with the pods.
	nodes *nodeReconciler
	// onListed is called after each full list, with its error where it failed.
	onListed func(at time.Time, repairs int, err error)

	last atomic.Pointer[time.Time]
}

// resync compares the cache of pods with the server's list, again and again.
// Watches have been known to miss events (kubernetes#123072, #115658).
func (l *podLister) resync(ctx context.Context) {
	for {
		if l.pause(ctx, jittered(l.selector.selection.Load().ResyncPeriod), l.selector.reselected) {
			continue // the period may have changed
		}
		for ctx.Err() == nil {
			repairs, err := l.fullLists(ctx)
			if err == nil {
				l.listed(repairs)
				break
			}
			if ctx.Err() == nil {
				klog.FromContext(ctx).Error(err, "A full list failed; trying again", "in", listRetry)
				l.onListed(l.clock.Now(), 0, err)
			}
			l.pause(ctx, listRetry, nil)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// pause waits, and says whether it was woken before the time.
func (l *podLister) pause(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := l.clock.NewTimer(d)
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

func (l *podLister) listed(repairs int) {
	now := l.clock.Now()
	l.last.Store(&now)
	l.onListed(now, repairs, nil)
}

// fullLists lists pods and nodes, each whatever becomes of the other. It returns how much
// was set right.
func (l *podLister) fullLists(ctx context.Context) (repairs int, err error) {
	if !l.selector.selection.Load().Enabled {
		return 0, nil
	}
	pods, podsErr := l.fullList(ctx, l.suspects, l.repair)
	nodes, nodesErr := l.fullList(ctx, l.nodes.suspects, l.nodes.repair)
	return pods + nodes, errors.Join(podsErr, nodesErr)
}

// fullList finds the objects of which the server's list and the cache tell different
// things, gives the watch time to catch up with both, and sets right what is different
// still. It returns how many that were.
func (l *podLister) fullList(
	ctx context.Context, suspects func(context.Context) (sets.Set[cache.ObjectName], error), repair func(context.Context, cache.ObjectName) (bool, error),
) (repairs int, err error) {
	names, err := suspects(ctx)
	if err != nil || len(names) == 0 {
		return 0, err
	}
	l.pause(ctx, lag, nil)
	var errs []error
	for name := range names {
		repaired, err := repair(ctx, name)
		if repaired {
			repairs++
		}
		errs = append(errs, err)
	}
	return repairs, errors.Join(errs...)
}

// suspects are the names of pods that only the list or only the cache has, or
// that are not the same pods in both.
func (l *podLister) suspects(ctx context.Context) (sets.Set[cache.ObjectName], error) {
	listed, suspects := sets.New[types.UID](), sets.New[cache.ObjectName]()
	client := l.cluster.Metadata.Resource(corev1.SchemeGroupVersion.WithResource("pods"))
	opts := metav1.ListOptions{Limit: pageSize} // no resource version: a quorum read
	for {
		page, err := client.List(ctx, opts)
		if err != nil {
			return nil, fmt.Errorf("list pods: %w", apistatus.Redact(err, nil))
		}
		for i := range page.Items {
			pod := &page.Items[i]
			listed.Insert(pod.UID)
			if !l.pods.has(cache.MetaObjectToName(pod), pod.UID) {
				suspects.Insert(cache.MetaObjectToName(pod))
			}
		}
		if opts.Continue = page.Continue; opts.Continue == "" {
			break
		}
	}
	for pod := range l.cluster.Pods.All() {
		if !listed.Has(pod.UID) && l.pods.has(cache.MetaObjectToName(pod), pod.UID) {
			suspects.Insert(cache.MetaObjectToName(pod))
		}
	}
	return suspects, nil
}

// repair asks the server about a single pod, and corrects the cache where it
// says something else.
func (l *podLister) repair(ctx context.Context, name cache.ObjectName) (bool, error) {
	known := l.pods.get(name)
	live, err := l.cluster.Kubernetes.CoreV1().Pods(name.Namespace).Get(ctx, name.Name, metav1.GetOptions{})
	gone := apierrors.IsNotFound(err)
	switch {
	case err != nil && !gone:
		return false, fmt.Errorf("get pod %s: %w", name, apistatus.Redact(err, nil))
	case gone && known == nil, !gone && known != nil && known.UID == live.UID:
		return false, nil // the watch has caught up
	}
	if known != nil {
		l.reportCorrection(known, "deleted")
		l.pods.remove(known)
		l.gone(known)
	}
	if !gone {
		l.reportCorrection(live, "added")
		l.pods.add(live)
		l.found(live)
	}
	return true, nil
}

func (l *podLister) reportCorrection(pod *corev1.Pod, missed string) {
	resyncRepairs.WithLabelValues(missed).Inc()
	klog.Background().Info("The watch missed an event, a full list set it right", "missed", missed, "pod", klog.KObj(pod), "uid", pod.UID)
}
