package applier

import (
	"fmt"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/restmapper"
)

// refreshEvery is the shortest time between two refreshes: a blob with a kind
// that nobody knows must not keep the API server busy with discovery.
const refreshEvery = 3 * time.Second

// resource is where the objects of a kind are in the API.
type resource struct {
	schema.GroupVersionResource
	namespaced bool
}

// kinds knows the kinds that the cluster serves. It asks when it is first used,
// and again when a kind is unknown.
type kinds struct {
	client discovery.DiscoveryInterface
	mapper *restmapper.DeferredDiscoveryRESTMapper

	mu        sync.Mutex
	refreshed time.Time
}

func newKinds(client discovery.DiscoveryInterface) *kinds {
	return &kinds{client: client, mapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client))}
}

// known finds a kind among those known already.
func (k *kinds) known(kind schema.GroupVersionKind) (resource, error) {
	mapping, err := k.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return resource{}, fmt.Errorf("look up kind %s: %w", kind.Kind, err)
	}
	return resource{mapping.Resource, mapping.Scope.Name() == meta.RESTScopeNameNamespace}, nil
}

// find finds a kind, if need be after a refresh.
func (k *kinds) find(kind schema.GroupVersionKind) (resource, error) {
	found, err := k.known(kind)
	if !meta.IsNoMatchError(err) {
		return found, err
	}
	k.refresh()
	return k.known(kind)
}

func (k *kinds) refresh() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.refreshed) < refreshEvery {
		return
	}
	k.refreshed = time.Now()
	k.mapper.Reset()
}

// ask has the server say whether it serves a kind, and where. Unlike find it sees
// a kind that came since the last refresh, and tells a kind that is gone from one
// whose server is away, which discovery leaves out just the same.
func (k *kinds) ask(kind schema.GroupVersionKind) (found resource, served bool, _ error) {
	answer, err := k.client.ServerResourcesForGroupVersion(kind.GroupVersion().String())
	if apierrors.IsNotFound(err) {
		return resource{}, false, nil
	}
	if err != nil {
		return resource{}, false, fmt.Errorf("ask for the kinds of %s: %w", kind.GroupVersion(), err)
	}
	for _, r := range answer.APIResources {
		if r.Kind == kind.Kind && !strings.Contains(r.Name, "/") { // not a subresource
			return resource{kind.GroupVersion().WithResource(r.Name), r.Namespaced}, true, nil
		}
	}
	return resource{}, false, nil
}
