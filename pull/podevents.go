package pull

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"
	"k8s.io/utils/lru"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// podEvents has the outbox publish what becomes of pods and of the other kinds of the
// inventory, and reports to it what the cluster shows: it implements delivery.Cluster.
type podEvents struct {
	// outbox is nil where events go nowhere. Then nothing is pending, ever.
	outbox       *delivery.Outbox
	cluster      *cluster.Cluster
	clock        clock.PassiveClock
	pods         *podCache
	counterparts *counterparts
	selector     *podSelector
	kept         keptEnds
	// others are the kinds beside pods, of which nodes are one.
	others map[event.Kind]entities
	nodes  *entitiesOf[*corev1.Node]
	// settled enqueues the instance of a pod whose end is published.
	settled func(cache.ObjectName)
	// confirmed are pods whose end a watch has shown, the last ones. That a pod is missing
	// from a cache is less: the cache may be behind.
	confirmed *lru.Cache
}

// manyPods is more than the pods that end while their records do.
const manyPods = 8192

func newPodEvents(c *cluster.Cluster, opts Options, pods *podCache, nodes *nodeCache, confirmed *counterparts, selector *podSelector) *podEvents {
	e := &podEvents{
		cluster: c, clock: opts.Clock, pods: pods, counterparts: confirmed, selector: selector, confirmed: lru.New(manyPods),
		nodes: entitiesOfNodes(c, nodes),
	}
	e.others = inventoried(c, e.nodes)
	if opts.Namespace != "" {
		e.kept.maps = &store.LabelledConfigMaps{Client: c.Kubernetes.CoreV1().ConfigMaps(opts.Namespace), Label: xosv1.PendingEventLabel}
	}
	if opts.Log != nil {
		e.outbox = delivery.New(delivery.Options{
			Log: opts.Log, Cluster: e, Clock: opts.Clock, MayWrite: opts.MayWrite, OnResult: opts.OnPublish,
			MaxStored: opts.MaxPending, OnGivenUp: opts.OnGivenUp,
		})
	}
	return e
}

// idOf identifies a pod in the inventory.
func idOf(uid types.UID) event.ID { return event.ID{Kind: event.Instance, UID: uid} }

func refOf(pod *corev1.Pod) delivery.Ref {
	return delivery.Ref{ID: idOf(pod.UID), Name: cache.MetaObjectToName(pod)}
}

// changed has a pod compared with what Kafka was told of it.
func (e *podEvents) changed(pod *corev1.Pod) {
	if e.outbox != nil {
		e.outbox.Enqueue(refOf(pod))
	}
}

// ended has the end of a pod published. watched reports that a watch has shown it.
func (e *podEvents) ended(pod *corev1.Pod, watched bool) {
	if watched {
		e.confirmed.Add(pod.UID, struct{}{})
	}
	if e.outbox == nil {
		return
	}
	last := event.OfPod(pod, e.counterparts.instanceOf(pod))
	e.outbox.Ended(delivery.End{Entity: last, Selected: e.inventoried(pod), Confirmed: watched})
}

// watch has the outbox publish what becomes of the kinds beside pods; the handlers of pods
// are the puller's.
func (e *podEvents) watch() error {
	if e.outbox == nil {
		return nil
	}
	return watchAll(e.others, e.outbox)
}

// nodeCorrected publishes what a full list has found out about a node.
func (e *podEvents) nodeCorrected(known, live *corev1.Node) {
	if e.outbox == nil {
		return
	}
	if known != nil && (live == nil || live.UID != known.UID) {
		e.outbox.Ended(e.nodes.end(known, true))
	}
	if live != nil {
		e.outbox.Enqueue(e.nodes.ref(live))
	}
}

// listed has a snapshot published, as the full lists have set right what is known.
func (e *podEvents) listed() {
	if e.outbox != nil {
		e.outbox.Snapshot()
	}
}

// recordChanged has the pod of an instance compared with what Kafka was told, where the
// instance shows other edges of it than before.
func (e *podEvents) recordChanged(before, after *xosv1.KubernetesServiceInstance) {
	if e.outbox == nil || (before != nil && before.Spec.Slice == after.Spec.Slice && before.Spec.Image == after.Spec.Image &&
		before.Status.PodUID == after.Status.PodUID) {
		return
	}
	if pod := e.pods.get(record.PodName(after)); pod != nil && pod.UID == record.PodUID(after) {
		e.changed(pod)
	}
}

// recordGone has the end of a recorded pod published, where the record goes before that.
func (e *podEvents) recordGone(i *xosv1.KubernetesServiceInstance) {
	uid := record.PodUID(i)
	if e.outbox == nil || uid == "" || xosv1.IsManaged(i) || e.pods.has(record.PodName(i), uid) {
		return
	}
	e.outbox.Ended(e.endOf(i, uid))
}

// endOf is the end of a recorded pod, as far as its record remembers it.
func (e *podEvents) endOf(i *xosv1.KubernetesServiceInstance, uid types.UID) delivery.End {
	last := event.OfRecord(i, uid)
	last.DeletedAt = e.clock.Now()
	_, confirmed := e.confirmed.Get(uid)
	return delivery.End{Entity: last, Selected: true, Confirmed: confirmed}
}

// release returns whether the record of an ended pod may go: its end is published, or, where
// the record is not to wait for that, outlives it.
func (e *podEvents) release(ctx context.Context, i *xosv1.KubernetesServiceInstance, wait bool) (bool, error) {
	uid := record.PodUID(i)
	if e.outbox == nil || e.outbox.Settled(idOf(uid)) {
		return true, nil
	}
	end := e.endOf(i, uid)
	if wait {
		e.outbox.Ended(end)
		return e.outbox.Settled(idOf(uid)), nil // it may just have been
	}
	if err := e.outbox.Secure(ctx, end); err != nil {
		return false, fmt.Errorf("keep the end of pod %s: %w", cache.MetaObjectToName(i), err)
	}
	return true, nil
}

// reported returns whether Kafka itself knows what status.delivery says, which the first
// build wrote.
func (e *podEvents) reported(d *xosv1.Delivery) bool {
	return e.outbox != nil && d != nil && (e.outbox.Announced(idOf(d.UID)) || e.outbox.Settled(idOf(d.UID)))
}

// inventoried returns whether the events of a pod are published: it is selected, or an
// instance created it.
func (e *podEvents) inventoried(pod *corev1.Pod) bool {
	s := e.selector.selection.Load()
	if !s.Enabled {
		return false
	}
	if _, created := e.counterparts.creatorOf(pod); created {
		return true
	}
	return e.selector.chosenBy(s, pod) == record.Selected
}

// oldestWait is how long the event that waits longest has been waiting.
func (e *podEvents) oldestWait() time.Duration {
	if e.outbox == nil {
		return 0
	}
	_, since := e.outbox.Backlog()
	if since.IsZero() {
		return 0
	}
	return e.clock.Since(since)
}
