package kinds

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

// FirstPoll and LastPoll bound how often the API server is asked for a kind that
// it does not serve.
const (
	FirstPoll = 3 * time.Second
	LastPoll  = time.Minute
)

// ErrUnknown is why a document can't be applied: discovery does not list its
// kind.
var ErrUnknown = errors.New("discovery does not list it")

// ErrAskedEnough is why the API server was not asked for a kind: the resource instances
// of the namespace have asked for many within a short time.
var ErrAskedEnough = errors.New("the resource instances of its namespace have just asked for many kinds that are not served")

// Resource is where the objects of a kind are in the API.
type Resource struct {
	schema.GroupVersionResource
	Namespaced bool
	// Reports is true where its objects have a status subresource, and Scales where they
	// have a scale subresource.
	Reports, Scales bool
}

// Kinds knows the kinds that the cluster serves. The controller of resource instances and
// the pull share it. It asks for all kinds at once, when it is first used and while a kind
// is missing: however many callers miss however many kinds, that is one request of
// discovery at a time, with a pause that doubles.
type Kinds struct {
	client discovery.DiscoveryInterface
	now    func() time.Time
	// onServed are called with each instance that waits for a kind which is served now.
	onServed []func(cache.ObjectName)

	mu     sync.Mutex
	served map[schema.GroupVersionKind]Resource
	// failed are the group versions that discovery could not list the last time.
	failed  map[schema.GroupVersion]error
	trouble error
	missing map[schema.GroupVersionKind]*missing
	asked   time.Time

	// absent is when the server was last asked for a kind alone, and did not serve it.
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

// New returns what knows no kind yet. It sends nothing.
func New(client discovery.DiscoveryInterface) *Kinds {
	return &Kinds{
		client: client, now: time.Now, served: map[schema.GroupVersionKind]Resource{},
		failed: map[schema.GroupVersion]error{}, missing: map[schema.GroupVersionKind]*missing{}, absent: map[schema.GroupVersionKind]time.Time{},
		single: map[schema.GroupVersion]*sync.Mutex{}, budgets: map[string]flowcontrol.PassiveRateLimiter{},
	}
}

// OnServed has a function called with each resource instance that waits for a kind which
// is served now. It must be called before the first Find.
func (k *Kinds) OnServed(call func(cache.ObjectName)) { k.onServed = append(k.onServed, call) }

// Lookup finds a kind for callers that do not wait for it. Where it is not known, the API
// server is asked for all kinds again, unless that was done within the last interval. It
// returns false for a kind that is not served, or whose server is away.
func (k *Kinds) Lookup(kind schema.GroupVersionKind, interval time.Duration) (Resource, bool, error) {
	found, served, due, err := k.peek(kind, interval)
	if served || !due {
		return found, served, err
	}
	k.refresh(kind)
	found, served, _, err = k.peek(kind, interval)
	return found, served, err
}

// peek looks a kind up without a request. due reports that the last request for all kinds
// was not made within the interval.
func (k *Kinds) peek(kind schema.GroupVersionKind, interval time.Duration) (found Resource, served, due bool, _ error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if found, served = k.served[kind]; served {
		return found, true, false, nil
	}
	return Resource{}, false, k.asked.IsZero() || k.now().Sub(k.asked) >= interval, k.trouble
}

// Find finds a kind that an instance declares. Where it is missing, the instance is
// enqueued when it comes.
func (k *Kinds) Find(kind schema.GroupVersionKind, of cache.ObjectName) (Resource, error) {
	if found, due, err := k.known(kind, of); err == nil || !due {
		return found, err
	}
	k.refresh(kind)
	found, _, err := k.known(kind, of)
	return found, err
}

// known looks a kind up without a request, and records that the instance waits for it where
// it is missing. due reports that the kind may be asked for.
func (k *Kinds) known(kind schema.GroupVersionKind, of cache.ObjectName) (found Resource, due bool, _ error) {
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
	due = k.asked.IsZero() || (!now.Before(m.next) && !now.Before(k.asked.Add(FirstPoll)))
	switch err := k.failed[kind.GroupVersion()]; {
	case err != nil:
		return Resource{}, due, err
	case k.trouble != nil:
		return Resource{}, due, k.trouble
	}
	return Resource{}, due, ErrUnknown
}

// refresh asks for all kinds, unless that was done while we waited for our turn.
func (k *Kinds) refresh(wanted schema.GroupVersionKind) {
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
	for _, waiting := range k.learn(lists, err, wanted) {
		for _, call := range k.onServed {
			call(waiting)
		}
	}
}

// learn takes an answer of discovery and returns the instances that waited for a kind in it. A
// group whose server is away keeps the kinds that it had.
func (k *Kinds) learn(lists []*metav1.APIResourceList, err error, wanted schema.GroupVersionKind) []cache.ObjectName {
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
			m.pause = min(max(2*m.pause, FirstPoll), LastPoll)
		}
		m.next = k.asked.Add(m.pause) // an answer is one for all
	}
	return slices.Collect(maps.Keys(come))
}

func resourcesOf(lists []*metav1.APIResourceList) map[schema.GroupVersionKind]Resource {
	all := map[schema.GroupVersionKind]Resource{}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			continue // no document can name it either
		}
		reports, scales := map[string]bool{}, map[string]bool{}
		for _, r := range list.APIResources {
			switch plural, subresource, _ := strings.Cut(r.Name, "/"); subresource {
			case "status":
				reports[plural] = true
			case "scale":
				scales[plural] = true
			}
		}
		for _, r := range list.APIResources {
			if !strings.Contains(r.Name, "/") { // not a subresource
				all[version.WithKind(r.Kind)] = Resource{version.WithResource(r.Name), r.Namespaced, reports[r.Name], scales[r.Name]}
			}
		}
	}
	return all
}

// Invalidate records that a kind is not served, even if discovery has listed it.
func (k *Kinds) Invalidate(kind schema.GroupVersionKind) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.served[kind]; !ok {
		return
	}
	delete(k.served, kind)
	if k.missing[kind] == nil {
		k.missing[kind] = &missing{pause: FirstPoll, next: k.now().Add(FirstPoll), waiting: map[cache.ObjectName]bool{}}
	}
}

// AskSoon has missing kinds asked for soon: a definition was written. It returns the
// instances that wait for one.
func (k *Kinds) AskSoon() []cache.ObjectName {
	k.mu.Lock()
	defer k.mu.Unlock()
	waiting := map[cache.ObjectName]bool{}
	for _, m := range k.missing {
		m.pause, m.next = 0, k.now()
		maps.Copy(waiting, m.waiting)
	}
	return slices.Collect(maps.Keys(waiting))
}

// Forget has an instance wait for these kinds only.
func (k *Kinds) Forget(of cache.ObjectName, but map[schema.GroupVersionKind]bool) {
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
