package pull

import (
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/store"
)

// podCache and nodeCache are the caches that full lists are compared with.
type (
	podCache  = correctedCache[*corev1.Pod]
	nodeCache = correctedCache[*corev1.Node]
)

// correctedCache is a cache, set right where a full list has shown it to be wrong. A
// correction stands until the watch speaks of that object again.
type correctedCache[O store.Object] struct {
	cached *store.Resource[O]

	mu sync.Mutex
	// missed are objects that the cache should hold.
	missed map[cache.ObjectName]O
	// gone are the UIDs of objects that it should not.
	gone map[cache.ObjectName]types.UID
}

func newCorrectedCache[O store.Object](cached *store.Resource[O]) *correctedCache[O] {
	return &correctedCache[O]{cached: cached, missed: map[cache.ObjectName]O{}, gone: map[cache.ObjectName]types.UID{}}
}

func newPodCache(cached *store.Resource[*corev1.Pod]) *podCache { return newCorrectedCache(cached) }

func (c *correctedCache[O]) find(name cache.ObjectName) (_ O, found bool) {
	o, ok := c.cached.Get(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	if missed, found := c.missed[name]; found {
		return missed, true
	}
	if !ok || c.gone[name] == o.GetUID() {
		var none O
		return none, false
	}
	return o, true
}

// get returns nil for what is not there.
func (c *correctedCache[O]) get(name cache.ObjectName) O {
	o, _ := c.find(name)
	return o
}

// has says whether this very object is known.
func (c *correctedCache[O]) has(name cache.ObjectName, uid types.UID) bool {
	o, found := c.find(name)
	return found && o.GetUID() == uid
}

func (c *correctedCache[O]) add(o O) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.missed[cache.MetaObjectToName(o)] = o
	delete(c.gone, cache.MetaObjectToName(o))
}

func (c *correctedCache[O]) remove(o O) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone[cache.MetaObjectToName(o)] = o.GetUID()
	delete(c.missed, cache.MetaObjectToName(o))
}

// dropCorrection drops the corrections of an object that the watch has shown since.
func (c *correctedCache[O]) dropCorrection(name cache.ObjectName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.missed, name)
	delete(c.gone, name)
}
