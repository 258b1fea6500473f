package applier

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// sighting is an object as it was last read or written whole.
type sighting struct {
	metadata *metav1.PartialObjectMetadata
	health   xosv1.Health
	message  string
	// expires says that it is a Job that the cluster deletes once it has ended.
	expires bool
}

// sightings are what is known of a resource instance's objects beside the watches.
// They save requests and nothing else: without them, all is found out again.
type sightings struct {
	now func() time.Time

	mu   sync.Mutex
	seen map[manifest.ID]sighting
	// kept tells of what objects keep though it is declared no longer.
	kept store.KeptFields[manifest.ID]
	// ended says when we deleted objects that a watch may still show.
	ended map[types.UID]time.Time
	// untold is the change of which the status does not tell yet that it is applied.
	untold untold
	// tries counts the looks at what can't be watched since something came of one.
	tries int
}

// untold is a generation that was observed before it could be seen whether it is
// applied, and the action that the status tells of since an earlier one.
type untold struct {
	generation int64
	action     xosv1.KubectlState
}

// beliefTime is for how long a deletion that the server has accepted is believed
// in without a watch showing it.
const beliefTime = 30 * time.Second

func newSightings() *sightings {
	return &sightings{now: time.Now, seen: map[manifest.ID]sighting{}, ended: map[types.UID]time.Time{}}
}

// see remembers an object that was read or written whole, and returns it. Where a
// later version of it was seen already, that stays remembered.
func (m *sightings) see(id manifest.ID, object *unstructured.Unstructured) sighting {
	health, message := manifest.Health(object)
	s := sighting{metadata: metadataOf(object), health: health, message: message, expires: manifest.Expires(object)}
	m.mu.Lock()
	defer m.mu.Unlock()
	if last, ok := m.seen[id]; !ok || !laterThan(last.metadata.ResourceVersion, s.metadata.ResourceVersion) {
		m.seen[id] = s
	}
	return s
}

// laterThan says whether a version is known to be later than another.
func laterThan(one, other string) bool {
	order, err := resourceversion.CompareResourceVersion(one, other)
	return err == nil && order > 0
}

// leaveUntold notes that the status is about to tell of a generation, and not whether
// it is applied.
func (m *sightings) leaveUntold(u untold) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.untold = u
}

// isUntold says whether that is still so.
func (m *sightings) isUntold(u untold) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.untold == u
}

// pause is how long to wait before the next look at what can't be watched.
func (m *sightings) pause(progress bool) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if progress {
		m.tries = 0
	}
	m.tries++
	return backoff(m.tries - 1)
}

func (m *sightings) last(id manifest.ID) (sighting, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.seen[id]
	return s, ok
}

func (m *sightings) forget(id manifest.ID, uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.seen, id)
	m.kept.Forget(id, uid)
	delete(m.ended, uid)
}

func (m *sightings) deleting(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended[uid] = m.now()
}

// deleted says whether we deleted an object so recently that a watch may not show
// it yet.
func (m *sightings) deleted(uid types.UID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ended := m.ended[uid]
	return ended && m.now().Sub(at) < beliefTime
}

// know says whether this very version was seen already.
func (m *sightings) know(o *metav1.PartialObjectMetadata) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.seen {
		if s.metadata.UID == o.UID && s.metadata.ResourceVersion == o.ResourceVersion {
			return true
		}
	}
	return false
}

// ahead says whether an object was seen in a version that a watch has not come
// to yet.
func (s sighting) ahead(of *watch) bool {
	synced := of.informer.GetStore().LastStoreSyncResourceVersion()
	order, err := resourceversion.CompareResourceVersion(synced, s.metadata.ResourceVersion)
	return err != nil || order < 0
}

func metadataOf(object *unstructured.Unstructured) *metav1.PartialObjectMetadata {
	m := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Name: object.GetName(), Namespace: object.GetNamespace(), UID: object.GetUID(),
		ResourceVersion: object.GetResourceVersion(), Generation: object.GetGeneration(),
		DeletionTimestamp: object.GetDeletionTimestamp(), Finalizers: object.GetFinalizers(),
		Labels: object.GetLabels(), Annotations: object.GetAnnotations(),
		OwnerReferences: object.GetOwnerReferences(), ManagedFields: object.GetManagedFields(),
	}}
	m.ManagedFields = ownClaim(m, m.ManagedFields)
	return m
}
