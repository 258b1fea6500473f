package store

import (
	"fmt"
	"slices"
)

// Cache is what plans read instead of asking the API server. Every Resource is
// one, and so is every Custom and Native.
type Cache interface {
	// HasSynced reports whether it holds the whole first list.
	HasSynced() bool
	// String names the resource as the server does, as "cronjobs.batch".
	fmt.Stringer
}

// String implements Cache.
func (r *Resource[O]) String() string {
	return r.Kind.GroupVersion().WithResource(r.Plural).GroupResource().String()
}

// Unfilled names the caches that lack their first list, each once and in order.
func Unfilled(caches []Cache) []string {
	var names []string
	for _, c := range caches {
		if !c.HasSynced() {
			names = append(names, c.String())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
