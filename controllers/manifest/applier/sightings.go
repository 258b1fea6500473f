package applier

import (
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
)

// sighting is an object as it was last read or written whole.
type sighting struct {
	metadata *metav1.PartialObjectMetadata
	health   xosv1.Health
	message  string
}

// sightings are what is known of a resource instance's objects beside the watches.
// They save requests and nothing else: without them, all is found out again.
type sightings struct {
	mu   sync.Mutex
	seen map[manifest.ID]sighting
	// ended are the objects that we deleted and a watch may still show.
	ended map[types.UID]bool
}

func newSightings() *sightings {
	return &sightings{seen: map[manifest.ID]sighting{}, ended: map[types.UID]bool{}}
}

// see remembers an object that was read or written whole.
func (m *sightings) see(id manifest.ID, object *unstructured.Unstructured) sighting {
	health, message := manifest.Health(object)
	s := sighting{metadata: metadataOf(object), health: health, message: message}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen[id] = s
	return s
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
	delete(m.ended, uid)
}

func (m *sightings) deleting(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended[uid] = true
}

// deleted says whether we deleted an object.
func (m *sightings) deleted(uid types.UID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ended[uid]
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
		DeletionTimestamp: object.GetDeletionTimestamp(),
		Labels:            object.GetLabels(), Annotations: object.GetAnnotations(),
		OwnerReferences: object.GetOwnerReferences(), ManagedFields: object.GetManagedFields(),
	}}
	m.ManagedFields = claims(m, m.ManagedFields)
	return m
}
