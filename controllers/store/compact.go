package store

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Compact is an object in a form that takes less memory, into which the transform of an informer
// may have put it. A Resource shows the objects themselves; nothing else may read such a cache.
type Compact interface {
	// ObjectMetaAccessor is what the cache itself reads.
	metav1.ObjectMetaAccessor
	// Object makes the object anew. What it refers to may be shared with others, so that it must
	// not be changed, as is true for all that a cache holds.
	Object() Object
}

// object returns an object that the cache holds, in whatever form.
func (r *Resource[O]) object(cached any) O {
	if c, ok := cached.(Compact); ok {
		return c.Object().(O)
	}
	return cached.(O)
}
