package applier

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// cachedObject is an object as it was last read or written whole.
type cachedObject struct {
	metadata *metav1.PartialObjectMetadata
	health   xosv1.Health
	message  string
	// expires says that it is a Job that the cluster deletes once it has ended.
	expires bool
}

// objectCache are what is known of a resource instance's objects beside the watches.
// They save requests and nothing else: without them, all is found out again.
type objectCache struct {
	now func() time.Time

	mu   sync.Mutex
	seen map[manifest.ID]cachedObject
	// writes are those whose answers are still to come. They are by name alone: an event of a
	// namesake of another kind is held back too, and is one that was missed when they end.
	writes store.PendingWrites[cache.ObjectName]
	// kept reports what objects keep though it is declared no longer.
	kept store.KeptFields[manifest.ID]
	// ended says when we deleted objects that a watch may still show.
	ended map[types.UID]time.Time
	// pending is the change of which the status does not tell yet that it is applied.
	pending pendingReport
	// tries counts the looks at what can't be watched since something came of one.
	tries int
}

// pendingReport is a generation that was observed before it could be seen whether it is
// applied, and the action that the status reports since an earlier one.
type pendingReport struct {
	generation int64
	action     xosv1.KubectlState
}

func newObjectCache() *objectCache {
	return &objectCache{now: time.Now, seen: map[manifest.ID]cachedObject{}, ended: map[types.UID]time.Time{}}
}

// observe remembers an object that was read or written whole, and returns it. Where a
// later version of it was seen already, that stays remembered.
func (m *objectCache) observe(id manifest.ID, object *unstructured.Unstructured) cachedObject {
	health, message := manifest.Health(object)
	s := cachedObject{metadata: metadataOf(object), health: health, message: message, expires: manifest.Expires(object)}
	m.mu.Lock()
	defer m.mu.Unlock()
	if last, ok := m.seen[id]; !ok || !store.LaterVersion(last.metadata.ResourceVersion, s.metadata.ResourceVersion) {
		m.seen[id] = s
	}
	return s
}

// setPending notes that the status is about to tell of a generation, and not whether
// it is applied.
func (m *objectCache) setPending(u pendingReport) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pending = u
}

// isPending says whether that is still so.
func (m *objectCache) isPending(u pendingReport) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pending == u
}

// pause is how long to wait before the next look at what can't be watched.
func (m *objectCache) pause(progress bool) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if progress {
		m.tries = 0
	}
	m.tries++
	return backoff(m.tries - 1)
}

func (m *objectCache) last(id manifest.ID) (cachedObject, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.seen[id]
	return s, ok
}

func (m *objectCache) forget(id manifest.ID, uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.seen, id)
	m.kept.Forget(id, uid)
	delete(m.ended, uid)
}

func (m *objectCache) deleting(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended[uid] = m.now()
}

// deleted says whether we deleted an object so recently that a watch may not show
// it yet.
func (m *objectCache) deleted(uid types.UID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ended := m.ended[uid]
	return ended && m.now().Sub(at) < store.AcceptedDeletionTTL
}

// beginWrite announces a write of an object. Until its end, an event of the object may show
// that very write, of which the answer is still to come.
func (m *objectCache) beginWrite(id manifest.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes.Begin(cache.NewObjectName(id.Namespace, id.Name))
}

// endWrite says how a write ended, with the version that it created, or none. It returns
// whether an event was held back that shows anything else.
func (m *objectCache) endWrite(id manifest.ID, version string) (missed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.writes.End(cache.NewObjectName(id.Namespace, id.Name), version)
}

// isKnown says whether this very version was seen already, or may be that of a write which is
// under way: then endWrite tells.
func (m *objectCache) isKnown(o *metav1.PartialObjectMetadata) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writes.Hold(cache.MetaObjectToName(o), o.ResourceVersion) {
		return true
	}
	for _, s := range m.seen {
		if s.metadata.UID == o.UID && s.metadata.ResourceVersion == o.ResourceVersion {
			return true
		}
	}
	return false
}

// ahead says whether an object was seen in a version that a watch has not come
// to yet.
func (s cachedObject) ahead(of *watch) bool {
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
