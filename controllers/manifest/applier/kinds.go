package applier

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/flowcontrol"
)

// firstPoll and lastPoll bound how often the API server is asked for a kind that
// it does not serve.
const (
	firstPoll = 3 * time.Second
	lastPoll  = time.Minute
)

// errUnknownKind is why a document can't be applied: discovery does not list its
// kind.
var errUnknownKind = errors.New("discovery does not list it")

// errAskedEnough is why the API server was not asked for a kind: the resource instances
// of the namespace have asked for many within a short time.
var errAskedEnough = errors.New("the resource instances of its namespace have just asked for many kinds that are not served")

// asksPerSecond and asksAtOnce are how many kinds the API server is asked for one by
// one for the resource instances of a namespace.
const asksPerSecond, asksAtOnce = 10, 64

// resource is where the objects of a kind are in the API.
type resource struct {
	schema.GroupVersionResource
	namespaced bool
	// reports says that its objects report a status, in a subresource.
	reports bool
}

// kinds knows the kinds that the cluster serves, for all resource instances. It
// asks for all of them at once, when it is first used and while a kind is missing:
// however many instances miss however many kinds, that is one request of discovery
// at a time, with a pause that doubles.
type kinds struct {
	client discovery.DiscoveryInterface
	now    func() time.Time
	// came is told of each instance that waits for a kind which has come.
	came func(cache.ObjectName)

	mu     sync.Mutex
	served map[schema.GroupVersionKind]resource
	// failed are the group versions that discovery could not list the last time.
	failed  map[schema.GroupVersion]error
	trouble error
	missing map[schema.GroupVersionKind]*missing
	asked   time.Time

	// absent says when the server was last asked for a kind alone, and did not
	// serve it.
	absent map[schema.GroupVersionKind]time.Time
	// asking is held by the request for all kinds that is under way, and each of
	// single by one for a group version.
	asking sync.Mutex
	single map[schema.GroupVersion]*sync.Mutex
	// budgets are the rates at which those of a namespace ask so.
	budgets map[string]flowcontrol.PassiveRateLimiter
}

// missing is a kind that discovery does not list.
type missing struct {
	pause time.Duration
	next  time.Time
	// waiting are the instances that declare the kind.
	waiting map[cache.ObjectName]bool
}

func newKinds(client discovery.DiscoveryInterface, came func(cache.ObjectName)) *kinds {
	return &kinds{client: client, now: time.Now, came: came, served: map[schema.GroupVersionKind]resource{},
		failed: map[schema.GroupVersion]error{}, missing: map[schema.GroupVersionKind]*missing{}, absent: map[schema.GroupVersionKind]time.Time{},
		single: map[schema.GroupVersion]*sync.Mutex{}, budgets: map[string]flowcontrol.PassiveRateLimiter{}}
}

// find finds a kind that an instance declares. Where it is missing, the instance is
// told when it comes.
func (k *kinds) find(kind schema.GroupVersionKind, of cache.ObjectName) (resource, error) {
	if found, due, err := k.known(kind, of); err == nil || !due {
		return found, err
	}
	k.refresh(kind)
	found, _, err := k.known(kind, of)
	return found, err
}

// known looks a kind up without a request. due says that it may be asked for.
func (k *kinds) known(kind schema.GroupVersionKind, of cache.ObjectName) (found resource, due bool, _ error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if found, ok := k.served[kind]; ok {
		return found, false, nil
	}
	m, ok := k.missing[kind]
	if !ok {
		m = &missing{waiting: map[cache.ObjectName]bool{}}
		k.missing[kind] = m
	}
	m.waiting[of] = true
	now := k.now()
	due = k.asked.IsZero() || (!now.Before(m.next) && !now.Before(k.asked.Add(firstPoll)))
	switch err := k.failed[kind.GroupVersion()]; {
	case err != nil:
		return resource{}, due, err
	case k.trouble != nil:
		return resource{}, due, k.trouble
	}
	return resource{}, due, errUnknownKind
}

// refresh asks for all kinds, unless that was done while we waited for our turn.
func (k *kinds) refresh(wanted schema.GroupVersionKind) {
	begun := k.now()
	k.asking.Lock()
	defer k.asking.Unlock()
	k.mu.Lock()
	done := !k.asked.Before(begun) && !k.asked.IsZero()
	k.mu.Unlock()
	if done {
		return
	}
	_, lists, err := k.client.ServerGroupsAndResources()
	for _, follower := range k.learn(lists, err, wanted) {
		k.came(follower)
	}
}

// learn takes an answer of discovery and returns who waited for a kind in it. A
// group whose server is away keeps the kinds that it had.
func (k *kinds) learn(lists []*metav1.APIResourceList, err error, wanted schema.GroupVersionKind) []cache.ObjectName {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = k.now()
	failed, partial := discovery.GroupDiscoveryFailedErrorGroups(err)
	if k.trouble = nil; err != nil && !partial {
		k.trouble = fmt.Errorf("ask for the kinds of the cluster: %w", err)
	} else {
		k.failed = failed
		before := k.served
		k.served = resourcesOf(lists)
		for kind, r := range before {
			if failed[kind.GroupVersion()] != nil {
				k.served[kind] = r
			}
		}
	}
	come := map[cache.ObjectName]bool{}
	for kind, m := range k.missing {
		if _, ok := k.served[kind]; ok {
			maps.Copy(come, m.waiting)
			delete(k.missing, kind)
			continue
		}
		if !k.asked.Before(m.next) || kind == wanted {
			m.pause = min(max(2*m.pause, firstPoll), lastPoll)
		}
		m.next = k.asked.Add(m.pause) // an answer is one for all
	}
	return slices.Collect(maps.Keys(come))
}

func resourcesOf(lists []*metav1.APIResourceList) map[schema.GroupVersionKind]resource {
	all := map[schema.GroupVersionKind]resource{}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			continue // no document can name it either
		}
		reports := map[string]bool{}
		for _, r := range list.APIResources {
			if plural, subresource, _ := strings.Cut(r.Name, "/"); subresource == "status" {
				reports[plural] = true
			}
		}
		for _, r := range list.APIResources {
			if !strings.Contains(r.Name, "/") { // not a subresource
				all[version.WithKind(r.Kind)] = resource{version.WithResource(r.Name), r.Namespaced, reports[r.Name]}
			}
		}
	}
	return all
}

// drop takes note that a kind is not served, whatever discovery said of it.
func (k *kinds) drop(kind schema.GroupVersionKind) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.served[kind]; !ok {
		return
	}
	delete(k.served, kind)
	if k.missing[kind] == nil {
		k.missing[kind] = &missing{pause: firstPoll, next: k.now().Add(firstPoll), waiting: map[cache.ObjectName]bool{}}
	}
}

// stir has missing kinds asked for soon: a definition was written. It returns the
// instances that wait for one.
func (k *kinds) stir() []cache.ObjectName {
	k.mu.Lock()
	defer k.mu.Unlock()
	waiting := map[cache.ObjectName]bool{}
	for _, m := range k.missing {
		m.pause, m.next = 0, k.now()
		maps.Copy(waiting, m.waiting)
	}
	return slices.Collect(maps.Keys(waiting))
}

// leave has an instance wait for these kinds only.
func (k *kinds) leave(of cache.ObjectName, but map[schema.GroupVersionKind]bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for kind, m := range k.missing {
		if but[kind] {
			continue
		}
		if delete(m.waiting, of); len(m.waiting) == 0 {
			delete(k.missing, kind)
		}
	}
}

// ask has the server say whether it serves a kind, in whatever version, and where.
// Unlike find it sees a kind that came since the last refresh, and tells a kind that is gone from one
// whose server is away, which discovery leaves out just the same. An answer that is
// no older than notBefore counts, so that many who ask at once ask once. Those of a
// namespace have a budget for it: what is over fails with errAskedEnough.
func (k *kinds) ask(kind schema.GroupVersionKind, namespace string, notBefore time.Time) (found resource, served bool, _ error) {
	turn := k.turn(kind.GroupVersion())
	turn.Lock()
	defer turn.Unlock()
	k.mu.Lock()
	at, absent := k.absent[kind]
	k.mu.Unlock()
	if absent && !at.Before(notBefore) {
		return resource{}, false, nil
	}
	if !k.budget(namespace).TryAccept() {
		return resource{}, false, errAskedEnough
	}
	begun := k.now()
	if found, served, err := k.askVersions(kind); err != nil || served {
		return found, served, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.absent, func(_ schema.GroupVersionKind, at time.Time) bool { return begun.Sub(at) > lastPoll })
	k.absent[kind] = begun
	return resource{}, false, nil
}

func (k *kinds) budget(namespace string) flowcontrol.PassiveRateLimiter {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.budgets) > 4096 { // of namespaces that ask no more, for the most part
		clear(k.budgets)
	}
	if k.budgets[namespace] == nil {
		k.budgets[namespace] = flowcontrol.NewTokenBucketPassiveRateLimiter(asksPerSecond, asksAtOnce)
	}
	return k.budgets[namespace]
}

// turn is the lock of those who ask for one group version.
func (k *kinds) turn(version schema.GroupVersion) *sync.Mutex {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.single) > 4096 { // of versions that nobody asks for any more, for the most part
		clear(k.single)
	}
	if k.single[version] == nil {
		k.single[version] = &sync.Mutex{}
	}
	return k.single[version]
}
