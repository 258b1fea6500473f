package applier

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// watches are those that the resource instances need. A watch begins with the
// first that has something in its scope and ends with the last.
type watches struct {
	manager *rest.Config
	// changed is called with each change of an object that bears a subscriber's tracking metadata.
	changed func(owner ownership.Owner, object *metav1.PartialObjectMetadata, gone bool)
	// turned is called with each subscriber of a watch that shows nothing any more, or
	// at last something.
	turned func(subscriber cache.ObjectName)

	*store.InformerSet[scope, *watch]
}

// maxScopes is how many watches the resource instances of one namespace may need.
const maxScopes = 256

func newWatches(manager *rest.Config, changed func(ownership.Owner, *metav1.PartialObjectMetadata, bool), turned func(cache.ObjectName)) *watches {
	return &watches{manager: manager, changed: changed, turned: turned, InformerSet: store.NewInformerSet[scope, *watch](maxScopes,
		func(subscriber cache.ObjectName, _ scope) string { return subscriber.Namespace })}
}

// use returns the watch of a scope for a subscriber, and starts it where there is
// none, or only one that is of no use any more.
func (ws *watches) use(subscriber cache.ObjectName, s scope) (*watch, error) {
	return ws.Subscribe(subscriber, s, func(spent *watch) (*watch, error) {
		w, err := newWatch(ws.manager, s, func(o *metav1.PartialObjectMetadata, gone bool) { ws.seen(s, o, gone) }, func() { ws.enqueueSubscribers(s) })
		if err == nil && spent != nil {
			w.tries = spent.triesSoFar() + 1
		}
		return w, err
	})
}

// seen reports an object that changed, if it bears a subscriber's tracking metadata.
func (ws *watches) seen(s scope, o *metav1.PartialObjectMetadata, gone bool) {
	mark, ok := ownership.TrackingIDOf(o) // of whatever kind: this only enqueues
	if ok && ws.Subscribes(mark.Owner.Name, s) {
		ws.changed(mark.Owner, o, gone)
	}
}

// enqueueSubscribers reports to all subscribers of a scope that its watch has turned.
func (ws *watches) enqueueSubscribers(s scope) {
	for _, subscriber := range ws.Subscribers(s) {
		ws.turned(subscriber)
	}
}
