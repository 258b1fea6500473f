package pull

import (
	"context"
	"iter"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// The methods of this file report to the outbox what the cluster shows and remembers.

var _ delivery.Cluster = (*podEvents)(nil)

// UID implements delivery.Cluster.
func (e *podEvents) UID() (types.UID, error) { return ClusterUID(e.cluster) }

// Enabled implements delivery.Cluster.
func (e *podEvents) Enabled() bool { return e.selector.selection.Load().Enabled }

// Current implements delivery.Cluster.
func (e *podEvents) Current(ref delivery.Ref) (now event.Entity, selected, ok bool) {
	if others, ok := e.others[ref.Kind]; ok {
		now, ok = others.current(ref.Name, ref.UID)
		return now, true, ok
	}
	pod := e.pods.get(ref.Name)
	if pod == nil || pod.UID != ref.UID {
		return event.Entity{}, false, false
	}
	return event.OfPod(pod, e.counterparts.instanceOf(pod)), e.inventoried(pod), true
}

// All implements delivery.Cluster.
func (e *podEvents) All() iter.Seq[delivery.Ref] {
	return func(yield func(delivery.Ref) bool) {
		for pod := range e.cluster.Pods.All() {
			if e.pods.has(cache.MetaObjectToName(pod), pod.UID) && !yield(refOf(pod)) {
				return
			}
		}
		for _, others := range e.others {
			for ref := range others.all() {
				if !yield(ref) {
					return
				}
			}
		}
	}
}

// Recorded implements delivery.Cluster.
func (e *podEvents) Recorded(ctx context.Context, gone func(event.ID) bool) ([]delivery.Remembered, error) {
	all, err := e.kept.list(ctx)
	if err != nil {
		return nil, err
	}
	for i := range e.cluster.KubernetesServiceInstances.All() {
		if uid := record.PodUID(i); uid != "" && !xosv1.IsManaged(i) && gone(idOf(uid)) {
			all = append(all, delivery.Remembered{End: e.endOf(i, uid)})
		}
		if d := i.Status.Delivery; d != nil && d.Announced {
			all = append(all, delivery.Remembered{
				End: e.endOf(i, d.UID), Finished: d.Status == xosv1.EventDeleted,
				Told: event.Told{OnDetails: true, Details: event.ParseFingerprint(d.Fingerprint)},
			})
		}
	}
	return all, nil
}

// Remembers implements delivery.Cluster.
func (e *podEvents) Remembers(end delivery.End) bool {
	if end.Kind != event.Instance {
		return false
	}
	i, ok := e.cluster.KubernetesServiceInstances.Get(cache.NewObjectName(end.Namespace, end.Name))
	return ok && record.PodUID(i) == end.UID && !xosv1.IsManaged(i) && i.DeletionTimestamp == nil
}

// Exists implements delivery.Cluster. What a watch has shown to end is gone; else the API
// server has the last word, for the end of a pod is published once and can't be taken back.
func (e *podEvents) Exists(ctx context.Context, of event.Entity) (bool, error) {
	name := cache.NewObjectName(of.Namespace, of.Name)
	if others, ok := e.others[of.Kind]; ok {
		return others.exists(ctx, name, of.UID)
	}
	if _, gone := e.confirmed.Get(of.UID); gone {
		return false, nil
	}
	live, err := e.cluster.Kubernetes.CoreV1().Pods(of.Namespace).Get(ctx, of.Name, metav1.GetOptions{})
	return isLive("pod", name, of.UID, live, err)
}

// Store implements delivery.Cluster.
func (e *podEvents) Store(ctx context.Context, end delivery.End) error {
	return e.kept.create(ctx, end)
}

// Discard implements delivery.Cluster.
func (e *podEvents) Discard(ctx context.Context, id event.ID) error { return e.kept.delete(ctx, id) }

// Settled implements delivery.Cluster.
func (e *podEvents) Settled(of event.Entity) {
	if of.Kind != event.Instance {
		return
	}
	e.settled(cache.NewObjectName(of.Namespace, of.Name))
}
