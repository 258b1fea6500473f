package pull

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// departureKept is how long a managed custom resource that has ended still confirms
// the marks on what it made. That is what the garbage collector, or we in its place,
// need to begin with the end of these too. What lives on then is nobody's.
const departureKept = time.Minute

// departures are the managed custom resources that have ended within the last
// minute. Of each it holds what places its native objects, however large it was: what has ended
// counts towards no quota.
type departures struct {
	clock clock.PassiveClock

	mu    sync.Mutex
	byUID map[types.UID]departure
	// order are their UIDs, the oldest first.
	order []types.UID
}

// departure is what is kept of a custom resource, and when its end was seen.
type departure struct {
	object xosv1.Object
	at     time.Time
}

func newDepartures(clock clock.PassiveClock) *departures {
	return &departures{clock: clock, byUID: map[types.UID]departure{}}
}

// addInstance records the end of an instance, and addSlice that of a slice.
func (d *departures) addInstance(i *xosv1.KubernetesServiceInstance) {
	kept := &xosv1.KubernetesServiceInstance{ObjectMeta: identityOf(i)}
	kept.Spec.Slice, kept.Status.BackendHandle = i.Spec.Slice, i.Status.BackendHandle
	d.add(kept)
}

func (d *departures) addSlice(s *xosv1.Slice) {
	kept := &xosv1.Slice{ObjectMeta: identityOf(s)}
	kept.Spec.TrustDomain, kept.Status.BackendHandle = s.Spec.TrustDomain, s.Status.BackendHandle
	d.add(kept)
}

func identityOf(o metav1.Object) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: o.GetNamespace(), Name: o.GetName(), UID: o.GetUID()}
}

// add records the end of an object, and forgets those that count no more.
func (d *departures) add(o xosv1.Object) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.order) > 0 && d.left(d.byUID[d.order[0]]) <= 0 {
		delete(d.byUID, d.order[0])
		d.order = d.order[1:]
	}
	if _, known := d.byUID[o.GetUID()]; !known {
		d.order = append(d.order, o.GetUID())
		d.byUID[o.GetUID()] = departure{o, d.clock.Now()}
	}
}

// of returns what is kept of an object that has ended within the last minute, and for how
// long it still counts.
func (d *departures) of(uid types.UID) (o xosv1.Object, left time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	gone, ok := d.byUID[uid]
	if !ok {
		return nil, 0
	}
	if left = d.left(gone); left <= 0 {
		return nil, 0
	}
	return gone.object, left
}

func (d *departures) left(gone departure) time.Duration {
	return departureKept - d.clock.Since(gone.at)
}
