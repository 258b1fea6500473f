package pull

import (
	"errors"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/owners"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// statusDebounce is how long changes are gathered that only feed a count.
const statusDebounce = 500 * time.Millisecond

// handlers enqueue what an event of the cluster concerns, and keep in memory what no
// later event reports.
type handlers struct {
	cluster *cluster.Cluster
	*records
	resolver     *owners.Resolver
	queue        *instanceQueue
	pods         *podCache
	selector     *podSelector
	counterparts *counterparts
	garbage      *garbageCollector
	managed      *managedReconciler
	events       *podEvents
}

// watch says what each event enqueues. Handlers only enqueue.
func (h *handlers) watch() error {
	errs := []error{
		h.cluster.Pods.Watch(h.podHandler()),
		h.instances.Watch(store.ChangeHandler(h.instanceChanged, h.instanceGone)),
		h.cluster.Namespaces.Watch(store.ChangeHandler(h.namespaceChanged, h.namespaceGone)),
		h.cluster.KubernetesServices.Watch(store.ChangeHandler(
			func(_, s *xosv1.KubernetesService) {
				if s.Status.Undecodable == "" { // else the last selection stays
					h.selector.selectBy(s, s.Spec.Pull)
				}
			},
			func(s *xosv1.KubernetesService) { h.selector.selectBy(s, xosv1.PullSpec{}) })),
		// A dependent that another client deletes is recreated where it is needed.
		h.slices.Watch(store.ChangeHandler(h.sliceChanged, h.sliceGone)),
		h.images.Watch(store.ChangeHandler(h.imageChanged, func(i *xosv1.Image) { h.queue.addPodsOfImage(desired.IdentityOf(i)) })),
		h.principals.Watch(store.ChangeHandler(nil, func(principal *xosv1.Principal) {
			for _, account := range accountsOf(principal) {
				h.queue.addPodsOfAccount(account)
			}
		})),
		h.trustDomains.Watch(store.ChangeHandler(h.trustDomainChanged, func(d *xosv1.TrustDomain) {
			h.queue.addPods(cache.NamespaceIndex, desired.NamespaceOf(d))
		})),
		h.resolver.ServiceAccounts.Watch(store.ChangeHandler(nil, func(account *corev1.ServiceAccount) {
			h.garbage.enqueueAll(record.PrincipalKind, named(h.principals.ByIndex(byAccount, cache.MetaObjectToName(account).String())))
		})),
	}
	for _, controllers := range h.resolver.Controllers {
		changed := func(before, after metav1.Object) { h.controllerChanged(controllers, before, after) }
		errs = append(errs, controllers.Watch(changed, func(c metav1.Object) { h.garbage.enqueueSlicesOf(c, 0) }))
	}
	return errors.Join(errs...)
}

// podHandler tells the end that a watch has shown from the one that a list has found, which
// may be an old list.
func (h *handlers) podHandler() store.Handler[*corev1.Pod] {
	pods := store.ChangeHandler(h.podChanged, func(last *corev1.Pod) { h.podGone(last, true) })
	pods.Delete = h.podGone
	return pods
}

func (h *handlers) podChanged(before, after *corev1.Pod) {
	h.pods.dropCorrection(cache.MetaObjectToName(after))
	h.queue.addPod(after)
	if before == nil {
		return
	}
	if claim, ok := record.ClaimedInstance(before); ok {
		h.queue.Add(claim.Name) // it may just have been taken over or released
	}
}

func (h *handlers) podGone(pod *corev1.Pod, watched bool) {
	h.pods.dropCorrection(cache.MetaObjectToName(pod))
	h.events.ended(pod, watched)
	h.managed.nameConflicts.Delete(pod.UID)
	h.queue.Add(cache.MetaObjectToName(pod)) // its end waits for no address
	h.queue.addPod(pod)
	for _, ref := range record.ImagesOf(pod) {
		h.garbage.enqueueAll(record.ImageKind, named(h.images.ByIndex(cluster.ImagesByIdentity, ref.Identity())))
	}
	for _, account := range cluster.Key(pod.Namespace, pod.Spec.ServiceAccountName) {
		h.garbage.enqueueAll(record.PrincipalKind, named(h.principals.ByIndex(byAccount, account)))
	}
}

func (h *handlers) instanceChanged(before, after *xosv1.KubernetesServiceInstance) {
	h.queue.Add(cache.MetaObjectToName(after))
	h.events.recordChanged(before, after)
	h.garbage.enqueueSliceOf(after)
	if before == nil || confirmsOthers(before, after) || before.Spec.Slice != after.Spec.Slice {
		h.queue.addPods(byClaimedInstance, cache.MetaObjectToName(after).String())
	}
	if before == nil {
		return
	}
	if before.Spec.Slice != after.Spec.Slice {
		h.garbage.enqueueSliceOf(before)
	}
	if before.Spec.Image != after.Spec.Image {
		h.garbage.enqueueImageOf(before)
	}
}

// confirmsOthers says whether a change of a custom resource may have it confirm other
// marks than before.
func confirmsOthers(before, after xosv1.Object) bool {
	return xosv1.IsManaged(before) != xosv1.IsManaged(after) ||
		before.GetObjectStatus().BackendHandle != after.GetObjectStatus().BackendHandle
}

func (h *handlers) instanceGone(i *xosv1.KubernetesServiceInstance) {
	if xosv1.IsManaged(i) {
		h.counterparts.departed.addInstance(i)
	}
	h.events.recordGone(i)
	h.queue.Add(cache.MetaObjectToName(i))
	h.queue.addPods(byClaimedInstance, cache.MetaObjectToName(i).String())
	h.garbage.enqueueSliceOf(i)
	h.garbage.enqueueImageOf(i)
	for _, c := range i.Status.Containers {
		if ref, ok := record.ParseImage(c.Image); ok {
			h.garbage.enqueueAll(record.ImageKind, named(h.images.ByIndex(cluster.ImagesByIdentity, ref.Identity())))
		}
	}
}

// sliceChanged enqueues a slice that begins to be inventoried: when it is
// made, and when it is handed back. What a managed one confirms to be its own is
// reconciled anew where that may have changed.
func (h *handlers) sliceChanged(before, after *xosv1.Slice) {
	if (before == nil && xosv1.IsManaged(after)) || (before != nil && confirmsOthers(before, after)) {
		h.queue.addClaimed(after, 0)
	}
	if !xosv1.IsManaged(after) && (before == nil || xosv1.IsManaged(before)) {
		h.garbage.queue.AddAfter(dependent{record.SliceKind, cache.MetaObjectToName(after)}, statusDebounce)
	}
}

func (h *handlers) sliceGone(s *xosv1.Slice) {
	if xosv1.IsManaged(s) {
		h.counterparts.departed.addSlice(s)
		h.queue.addClaimed(s, departureKept) // what lives on by then is nobody's
	}
	for _, i := range h.instances.ByIndex(cluster.InstancesBySlice, cache.MetaObjectToName(s).String()) {
		h.queue.Add(cache.MetaObjectToName(i))
	}
	h.garbage.enqueuePrincipalOf(s)
}

// imageChanged lets a pulled image give way to one that a user declares.
func (h *handlers) imageChanged(before, after *xosv1.Image) {
	if before != nil && desired.IdentityOf(before) != desired.IdentityOf(after) {
		h.queue.addPodsOfImage(desired.IdentityOf(before))
	}
	if record.IsPulled(after) || (before != nil && !record.IsPulled(before) && desired.IdentityOf(before) == desired.IdentityOf(after)) {
		return
	}
	for _, twin := range h.images.ByIndex(cluster.ImagesByIdentity, desired.IdentityOf(after)) {
		if record.IsPulled(twin) {
			h.queue.addPodsOfImage(desired.IdentityOf(after)) // whose instances name it
			h.garbage.queue.Add(dependent{record.ImageKind, cache.MetaObjectToName(twin)})
		}
	}
}

// trustDomainChanged lets a pulled domain give way to one that a user made for
// the same namespace.
func (h *handlers) trustDomainChanged(before, after *xosv1.TrustDomain) {
	if before == nil && !record.IsPulled(after) {
		h.garbage.enqueueAll(record.TrustDomainKind, named(h.trustDomains.ByIndex(cluster.DomainsByNamespace, desired.NamespaceOf(after))))
	}
}

func (h *handlers) namespaceChanged(before, after *corev1.Namespace) {
	ending := after.DeletionTimestamp != nil
	if before != nil && maps.Equal(before.Labels, after.Labels) && (before.DeletionTimestamp != nil) == ending &&
		slices.Equal(owners.ControllerUID(before), owners.ControllerUID(after)) {
		return
	}
	h.queue.addPods(cache.NamespaceIndex, after.Name)
	for _, i := range h.instances.ByIndex(cache.NamespaceIndex, after.Name) {
		h.queue.Add(cache.MetaObjectToName(i))
	}
}

func (h *handlers) namespaceGone(namespace *corev1.Namespace) {
	h.garbage.enqueueAll(record.TrustDomainKind, named(h.trustDomains.ByIndex(cluster.DomainsByNamespace, namespace.Name)))
}

// controllerChanged enqueues the slice of a controller where the controller
// shows something new, and the pods below it where what their slice is called by
// has changed.
func (h *handlers) controllerChanged(kind owners.ControllerKind, before, after metav1.Object) {
	if before == nil {
		h.garbage.enqueueSlicesOf(after, statusDebounce)
		return // its pods find it when they come
	}
	was, is := metav1.GetControllerOfNoCopy(before), metav1.GetControllerOfNoCopy(after)
	moved := (was == nil) != (is == nil) || (was != nil && was.UID != is.UID)
	if moved || !owners.SameSlice(before, after) {
		h.queue.addBelow(after.GetUID(), owners.MaxOwners, 0)
		h.garbage.enqueueSlicesOf(before, statusDebounce)
		h.garbage.enqueueSlicesOf(after, statusDebounce)
	}
	if kind.Workload(before) != kind.Workload(after) {
		h.garbage.enqueueSlicesOf(after, statusDebounce)
	}
}

// missedEnd records the end of a pod that the watch has not shown and the server has
// just confirmed.
func (h *handlers) missedEnd(pod *corev1.Pod) {
	h.events.ended(pod, true)
	h.queue.addPod(pod)
}

// selectionChanged enqueues what a new selection touches. It goes through all pods and
// records; the selection changes seldom.
func (h *handlers) selectionChanged(before, after *record.Selection) {
	for pod := range h.cluster.Pods.All() {
		if before.Enabled != after.Enabled || h.selector.chosenBy(before, pod) != h.selector.chosenBy(after, pod) {
			h.queue.addPod(pod)
		}
	}
	if before.Enabled != after.Enabled {
		for i := range h.instances.All() {
			if record.IsPulled(i) {
				h.queue.Add(cache.MetaObjectToName(i))
			}
		}
	}
}
