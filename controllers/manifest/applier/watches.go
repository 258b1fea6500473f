package applier

import (
	"errors"
	"maps"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/engine"
)

// watches are those that the resource instances need. A watch begins with the
// first that has something in its scope and ends with the last.
type watches struct {
	manager *rest.Config
	// changed is told of each change of an object that carries a follower's mark.
	changed func(owner engine.Owner, object *metav1.PartialObjectMetadata, gone bool)
	// turned is told of each follower of a watch that shows nothing any more, or
	// at last something.
	turned func(follower cache.ObjectName)

	mu     sync.Mutex
	active map[scope]*watch
	// budget counts, for each namespace of resource instances, how many of them
	// follow which scope.
	budget map[string]map[scope]int
	ended  bool
}

// maxScopes is how many watches the resource instances of one namespace may need.
const maxScopes = 256

// errTooMany is why a scope is not watched: the namespace has all the watches that
// it may have.
var errTooMany = errors.New("too many watches")

func newWatches(manager *rest.Config, changed func(engine.Owner, *metav1.PartialObjectMetadata, bool), turned func(cache.ObjectName)) *watches {
	return &watches{manager: manager, changed: changed, turned: turned, active: map[scope]*watch{}, budget: map[string]map[scope]int{}}
}

// use returns the watch of a scope for a follower, and starts it where there is
// none, or only one that is of no use any more.
func (ws *watches) use(follower cache.ObjectName, s scope) (*watch, error) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	scopes := ws.budget[follower.Namespace]
	if scopes[s] == 0 && len(scopes) >= maxScopes {
		return nil, errTooMany
	}
	if w, ok := ws.active[s]; ok && (ws.ended || !w.spent()) {
		ws.follow(w, follower, s)
		return w, nil
	}
	if ws.ended {
		return nil, errRefused
	}
	w, err := newWatch(ws.manager, s, func(o *metav1.PartialObjectMetadata, gone bool) { ws.seen(s, o, gone) }, func() { ws.tellAll(s) })
	if err != nil {
		return nil, err
	}
	if spent, ok := ws.active[s]; ok {
		spent.stop()
		w.followers, w.tries = spent.followers, spent.triesSoFar()+1
	}
	ws.follow(w, follower, s)
	ws.active[s] = w
	return w, nil
}

func (ws *watches) follow(w *watch, follower cache.ObjectName, s scope) {
	if w.followers[follower] {
		return
	}
	w.followers[follower] = true
	if ws.budget[follower.Namespace] == nil {
		ws.budget[follower.Namespace] = map[scope]int{}
	}
	ws.budget[follower.Namespace][s]++
}

func (ws *watches) unfollow(w *watch, follower cache.ObjectName, s scope) {
	delete(w.followers, follower)
	scopes := ws.budget[follower.Namespace]
	if scopes[s]--; scopes[s] <= 0 {
		delete(scopes, s)
	}
	if len(scopes) == 0 {
		delete(ws.budget, follower.Namespace)
	}
}

// keep has a follower leave all scopes but these.
func (ws *watches) keep(follower cache.ObjectName, scopes map[scope]bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for s, w := range ws.active {
		if scopes[s] || !w.followers[follower] {
			continue
		}
		ws.unfollow(w, follower, s)
		if len(w.followers) == 0 {
			w.stop()
			delete(ws.active, s)
		}
	}
}

// seen tells of an object that changed, if its mark is that of a follower.
func (ws *watches) seen(s scope, o *metav1.PartialObjectMetadata, gone bool) {
	mark, ok := engine.MarkOf(o) // of whatever kind: this only enqueues
	if !ok {
		return
	}
	owner := mark.Owner
	ws.mu.Lock()
	w, active := ws.active[s]
	follows := active && w.followers[owner.Name]
	ws.mu.Unlock()
	if follows {
		ws.changed(owner, o, gone)
	}
}

// tellAll tells all followers of a scope that its watch has turned.
func (ws *watches) tellAll(s scope) {
	ws.mu.Lock()
	var followers []cache.ObjectName
	if w, active := ws.active[s]; active {
		followers = slices.Collect(maps.Keys(w.followers))
	}
	ws.mu.Unlock()
	for _, follower := range followers {
		ws.turned(follower)
	}
}

// stop ends all watches, and lets no other begin.
func (ws *watches) stop() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.ended = true
	for _, w := range ws.active {
		w.stop()
	}
}
