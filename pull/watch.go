package pull

import (
	"errors"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
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

// watch says what each event enqueues. Handlers only enqueue.
func (p *Puller) watch() error {
	errs := []error{
		p.cluster.Pods.Watch(p.podHandler()),
		p.instances.Watch(handler(p.instanceChanged, p.instanceGone)),
		p.cluster.Namespaces.Watch(handler(p.namespaceChanged, p.namespaceGone)),
		p.cluster.KubernetesServices.Watch(handler(
			func(_, s *xosv1.KubernetesService) {
				if s.Status.Undecodable == "" { // else the last selection stays
					p.selector.selectBy(s, s.Spec.Pull)
				}
			},
			func(s *xosv1.KubernetesService) { p.selector.selectBy(s, xosv1.PullSpec{}) })),
		// A dependent that another client deletes is recreated where it is needed.
		p.slices.Watch(handler(p.sliceChanged, p.sliceGone)),
		p.images.Watch(handler(p.imageChanged, func(i *xosv1.Image) { p.enqueuePods(byImage, identityOf(i)) })),
		p.principals.Watch(handler(nil, func(principal *xosv1.Principal) {
			for _, account := range accountsOf(principal) {
				p.enqueuePods(byAccount, account)
			}
		})),
		p.trustDomains.Watch(handler(p.trustDomainChanged, func(d *xosv1.TrustDomain) {
			p.enqueuePods(cache.NamespaceIndex, desired.NamespaceOf(d))
		})),
		p.resolver.ServiceAccounts.Watch(handler(nil, func(account *corev1.ServiceAccount) {
			p.garbage.enqueueAll(record.PrincipalKind, named(p.principals.ByIndex(byAccount, cache.MetaObjectToName(account).String())))
		})),
	}
	for _, controllers := range p.resolver.Controllers {
		changed := func(before, after metav1.Object) { p.controllerChanged(controllers, before, after) }
		errs = append(errs, controllers.Watch(changed, func(c metav1.Object) { p.garbage.enqueueSlicesOf(c, 0) }))
	}
	return errors.Join(errs...)
}

// handler makes an event handler of two functions. changed is handed the zero
// value for an object that is new, and is not called where nothing changed; an
// object that took another's name between two looks is one that went and one
// that came.
func handler[O store.Object](changed func(before, after O), gone func(O)) store.Handler[O] {
	var none O
	if changed == nil {
		changed = func(O, O) {}
	}
	return store.Handler[O]{
		Add: func(o O, _ bool) { changed(none, o) },
		Update: func(before, after O, _ bool) {
			switch {
			case before.GetUID() != after.GetUID():
				gone(before)
				changed(none, after)
			case before.GetResourceVersion() != after.GetResourceVersion():
				changed(before, after)
			}
		},
		Delete: func(last O, _ bool) { gone(last) },
	}
}

// podHandler tells the end that a watch has shown from the one that a list has
// found, which may be an old list.
func (p *Puller) podHandler() store.Handler[*corev1.Pod] {
	h := handler(p.podChanged, p.podGone)
	h.Delete = func(last *corev1.Pod, watched bool) {
		p.podGone(last) // first: whoever knows of the end finds what the pod was like
		if watched {
			p.outbox.ConfirmDeleted(last.UID)
		}
	}
	return h
}

// enqueue enqueues the instances that may be a pod's: the one of its name, and
// the one that its mark names. Which of them it is, is for reconcile to say.
func (p *Puller) enqueue(pod *corev1.Pod) {
	p.queue.Add(cache.MetaObjectToName(pod))
	if claim, ok := record.ClaimedInstance(pod); ok {
		p.queue.Add(claim.Name)
	}
}

func (p *Puller) podChanged(before, after *corev1.Pod) {
	p.pods.dropCorrection(cache.MetaObjectToName(after))
	p.enqueue(after)
	if before == nil {
		return
	}
	if claim, ok := record.ClaimedInstance(before); ok {
		p.queue.Add(claim.Name) // it may just have been taken over or released
	}
}

func (p *Puller) podGone(pod *corev1.Pod) {
	p.pods.dropCorrection(cache.MetaObjectToName(pod))
	p.podEnded(pod)
	p.nameConflicts.Delete(pod.UID)
	p.enqueue(pod)
	for _, ref := range record.ImagesOf(pod) {
		p.garbage.enqueueAll(record.ImageKind, named(p.images.ByIndex(cluster.ImagesByIdentity, ref.Identity())))
	}
	for _, account := range cluster.Key(pod.Namespace, pod.Spec.ServiceAccountName) {
		p.garbage.enqueueAll(record.PrincipalKind, named(p.principals.ByIndex(byAccount, account)))
	}
}

func (p *Puller) instanceChanged(before, after *xosv1.KubernetesServiceInstance) {
	p.queue.Add(cache.MetaObjectToName(after))
	p.garbage.enqueueSliceOf(after)
	if before == nil || confirmsOthers(before, after) || before.Spec.Slice != after.Spec.Slice {
		p.enqueuePods(byClaimedInstance, cache.MetaObjectToName(after).String())
	}
	if before == nil {
		return
	}
	if xosv1.IsManaged(before) && !xosv1.IsManaged(after) && record.PodName(after) != cache.MetaObjectToName(after) {
		p.retainDelivery(after.Status.Delivery) // of a pod that it can't record
	}
	if before.Spec.Slice != after.Spec.Slice {
		p.garbage.enqueueSliceOf(before)
	}
	if before.Spec.Image != after.Spec.Image {
		p.garbage.enqueueImageOf(before)
	}
}

// confirmsOthers says whether a change of a custom resource may have it confirm other
// marks than before.
func confirmsOthers(before, after xosv1.Object) bool {
	return xosv1.IsManaged(before) != xosv1.IsManaged(after) ||
		before.GetObjectStatus().BackendHandle != after.GetObjectStatus().BackendHandle
}

func (p *Puller) instanceGone(i *xosv1.KubernetesServiceInstance) {
	if xosv1.IsManaged(i) {
		p.counterparts.departed.add(i)
	}
	p.retainDelivery(i.Status.Delivery)
	p.retainEnd(i)
	p.queue.Add(cache.MetaObjectToName(i))
	p.enqueuePods(byClaimedInstance, cache.MetaObjectToName(i).String())
	p.garbage.enqueueSliceOf(i)
	p.garbage.enqueueImageOf(i)
	for _, c := range i.Status.Containers {
		if ref, ok := record.ParseImage(c.Image); ok {
			p.garbage.enqueueAll(record.ImageKind, named(p.images.ByIndex(cluster.ImagesByIdentity, ref.Identity())))
		}
	}
}

// sliceChanged enqueues a slice that begins to be inventoried: when it is
// made, and when it is handed back. What a managed one confirms to be its own is
// reconciled anew where that may have changed.
func (p *Puller) sliceChanged(before, after *xosv1.Slice) {
	if (before == nil && xosv1.IsManaged(after)) || (before != nil && confirmsOthers(before, after)) {
		p.enqueueClaimed(after, 0)
	}
	if !xosv1.IsManaged(after) && (before == nil || xosv1.IsManaged(before)) {
		p.garbage.queue.AddAfter(dependent{record.SliceKind, cache.MetaObjectToName(after)}, statusDebounce)
	}
}

func (p *Puller) sliceGone(s *xosv1.Slice) {
	if xosv1.IsManaged(s) {
		p.counterparts.departed.add(s)
		p.enqueueClaimed(s, departureKept) // what lives on by then is nobody's
	}
	for _, i := range p.instances.ByIndex(cluster.InstancesBySlice, cache.MetaObjectToName(s).String()) {
		p.queue.Add(cache.MetaObjectToName(i))
	}
	p.garbage.enqueuePrincipalOf(s)
}

// imageChanged lets a pulled image give way to one that a user declares.
func (p *Puller) imageChanged(before, after *xosv1.Image) {
	if before != nil && identityOf(before) != identityOf(after) {
		p.enqueuePods(byImage, identityOf(before))
	}
	if record.IsPulled(after) || (before != nil && !record.IsPulled(before) && identityOf(before) == identityOf(after)) {
		return
	}
	for _, twin := range p.images.ByIndex(cluster.ImagesByIdentity, identityOf(after)) {
		if record.IsPulled(twin) {
			p.enqueuePods(byImage, identityOf(after)) // whose instances name it
			p.garbage.queue.Add(dependent{record.ImageKind, cache.MetaObjectToName(twin)})
		}
	}
}

func identityOf(i *xosv1.Image) string {
	return desired.ImageIdentity(i.Spec.Name, i.Spec.Tag, i.Spec.Digest)
}

// trustDomainChanged lets a pulled domain give way to one that a user made for
// the same namespace.
func (p *Puller) trustDomainChanged(before, after *xosv1.TrustDomain) {
	if before == nil && !record.IsPulled(after) {
		p.garbage.enqueueAll(record.TrustDomainKind, named(p.trustDomains.ByIndex(cluster.DomainsByNamespace, desired.NamespaceOf(after))))
	}
}

func (p *Puller) namespaceChanged(before, after *corev1.Namespace) {
	ending := after.DeletionTimestamp != nil
	if before != nil && maps.Equal(before.Labels, after.Labels) && (before.DeletionTimestamp != nil) == ending &&
		slices.Equal(owners.ControllerUID(before), owners.ControllerUID(after)) {
		return
	}
	p.enqueuePods(cache.NamespaceIndex, after.Name)
	for _, i := range p.instances.ByIndex(cache.NamespaceIndex, after.Name) {
		p.queue.Add(cache.MetaObjectToName(i))
	}
}

func (p *Puller) namespaceGone(namespace *corev1.Namespace) {
	p.garbage.enqueueAll(record.TrustDomainKind, named(p.trustDomains.ByIndex(cluster.DomainsByNamespace, namespace.Name)))
}

// controllerChanged enqueues the slice of a controller where the controller
// shows something new, and the pods below it where what their slice is called by
// has changed.
func (p *Puller) controllerChanged(kind owners.ControllerKind, before, after metav1.Object) {
	if before == nil {
		p.garbage.enqueueSlicesOf(after, statusDebounce)
		return // its pods find it when they come
	}
	was, is := metav1.GetControllerOfNoCopy(before), metav1.GetControllerOfNoCopy(after)
	moved := (was == nil) != (is == nil) || (was != nil && was.UID != is.UID)
	if moved || !owners.SameSlice(before, after) {
		p.enqueueBelow(after.GetUID(), owners.MaxOwners, 0)
		p.garbage.enqueueSlicesOf(before, statusDebounce)
		p.garbage.enqueueSlicesOf(after, statusDebounce)
	}
	if kind.Workload(before) != kind.Workload(after) {
		p.garbage.enqueueSlicesOf(after, statusDebounce)
	}
}

// enqueueBelow goes down what FindRoot goes up, no further than that does.
func (p *Puller) enqueueBelow(uid types.UID, links int, after time.Duration) {
	for _, pod := range p.cluster.Pods.ByIndex(owners.ByController, string(uid)) {
		p.queue.AddAfter(cache.MetaObjectToName(pod), after)
	}
	if links == 0 {
		return
	}
	for _, controllers := range p.resolver.Controllers {
		for _, c := range controllers.ByIndex(owners.ByController, string(uid)) {
			p.enqueueBelow(c.GetUID(), links-1, after)
		}
	}
}

func (p *Puller) enqueuePods(index, value string) {
	for _, pod := range p.cluster.Pods.ByIndex(index, value) {
		p.enqueue(pod)
	}
}

// enqueueClaimed enqueues the pods, after a time, below the controllers whose
// marks name a slice.
func (p *Puller) enqueueClaimed(s *xosv1.Slice, after time.Duration) {
	for _, controllers := range p.resolver.Controllers {
		for _, c := range controllers.ByIndex(owners.ByClaimedSlice, cache.MetaObjectToName(s).String()) {
			p.enqueueBelow(c.GetUID(), owners.MaxOwners, after)
		}
	}
}
