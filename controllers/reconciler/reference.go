package reconciler

import (
	"maps"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// Reference describes how objects of a kind refer to those of another one, so that an event of the
// referent enqueues exactly those that refer to it: by an index, never by a scan.
type Reference[T store.CustomObject] struct {
	index string
	// values returns the names that an object refers to.
	values func(T) []string
	// from names the cache of the referents, and known returns the names by which one of them is
	// referred to.
	from  string
	known func(store.Object) []string
	// watch sets the callback for names under which a changed referent is known.
	watch func(changed func(value string), which updates) error
	// referents is the cache that holds them; nil where they are read one by one.
	referents store.Cache
	// subscribe, if not nil, is called with the names that each object refers to, so that it can
	// watch just those.
	subscribe func(referrer cache.ObjectName, values []string)
	// delay is how long changes of referents are debounced.
	delay time.Duration
	// which selects the updates of a referent that enqueue referrers.
	which updates
	// managed limits the reference to managed objects.
	managed bool
}

// updates selects the updates of a referent that enqueue referrers. Its creation and deletion
// always do.
type updates int

const (
	someUpdates updates = iota
	noUpdates
	everyUpdate
)

// IgnoreUpdates enqueues referrers only when a referent is created or deleted.
func (r Reference[T]) IgnoreUpdates() Reference[T] {
	r.which = noUpdates
	return r
}

// EveryUpdate enqueues referrers at each change of a referent, its status included.
func (r Reference[T]) EveryUpdate() Reference[T] {
	r.which = everyUpdate
	return r
}

// OfManaged limits the reference to managed objects: a pass over a record does not depend on its
// referents. A cluster has many records, and each value of an index takes memory.
func (r Reference[T]) OfManaged() Reference[T] {
	r.managed = true
	return r
}

// Debounce coalesces the referents' changes: the referrer is reconciled once, this long after the
// first of them. For references that only affect a count.
func (r Reference[T]) Debounce(delay time.Duration) Reference[T] {
	r.delay = delay
	return r
}

// Watches declares a reference. index names it; values are the names by which an
// object refers to its referents; known are the names by which a referent is
// referred to, its key where nil.
func Watches[T store.CustomObject, R store.Object](to *store.Resource[R], index string, values func(T) []string, known func(R) []string) Reference[T] {
	return WatchesField(to, index, values, known, func(R) string { return "" })
}

// WatchesField is Watches for an object that reads a field of its referents that changes by
// itself, such as one of the status: changes of it enqueue referrers too.
func WatchesField[T store.CustomObject, R store.Object](
	to *store.Resource[R], index string, values func(T) []string, known func(R) []string, reads func(R) string,
) Reference[T] {
	if known == nil {
		known = func(r R) []string { return keyOf(r) }
	}
	return Reference[T]{
		index: index, values: values, referents: to,
		from: to.String(), known: func(o store.Object) []string { return known(o.(R)) },
		watch: func(changed func(string), which updates) error {
			notify := func(r R) {
				for _, value := range known(r) {
					changed(value)
				}
			}
			return to.Watch(store.Handler[R]{
				Add: func(r R, _ bool) { notify(r) },
				Update: func(before, after R, _ bool) {
					if which == everyUpdate || (which == someUpdates && (matters(before, after) || reads(before) != reads(after))) ||
						!slices.Equal(known(before), known(after)) { // a deletion for some, and a creation for others
						notify(before)
						notify(after)
					}
				},
				Delete: func(last R, _ bool) { notify(last) },
			})
		},
	}
}

// keyOf returns the key of an object.
func keyOf(o store.Object) []string { return []string{cache.MetaObjectToName(o).String()} }

// matters returns whether a change of a referent can matter to those that refer to it: its spec,
// its labels, its readiness or its deletion, but no other status.
func matters(before, after metav1.Object) bool {
	if before.GetResourceVersion() == after.GetResourceVersion() {
		return false
	}
	if before.GetUID() != after.GetUID() || before.GetGeneration() != after.GetGeneration() ||
		(before.GetDeletionTimestamp() == nil) != (after.GetDeletionTimestamp() == nil) ||
		!maps.Equal(before.GetLabels(), after.GetLabels()) {
		return true
	}
	was, ok := before.(xosv1.Object)
	is, same := after.(xosv1.Object)
	if !ok || !same {
		// Native kinds without a generation show changes in their version only.
		return after.GetGeneration() == 0
	}
	return readiness(was) != readiness(is)
}

func readiness(o xosv1.Object) metav1.ConditionStatus {
	conditions := o.GetObjectStatus().Conditions
	if i := slices.IndexFunc(conditions, func(c metav1.Condition) bool { return c.Type == xosv1.ConditionReady }); i >= 0 {
		return conditions[i].Status
	}
	return metav1.ConditionUnknown
}
