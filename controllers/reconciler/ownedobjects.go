package reconciler

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// ownedBy returns the owned objects of an object, of all kinds.
func (c *controller[T]) ownedBy(object T) []store.OwnedObject {
	var all []store.OwnedObject
	for _, owned := range c.kind.Owns {
		all = append(all, c.owned(object, owned)...)
	}
	return all
}

// owned returns the objects that an object owns: those whose tracking metadata names this very
// object, in its target namespaces, under a name that its plans use. Tracking metadata elsewhere
// was written by another client, and blocks nothing.
func (c *controller[T]) owned(object T, by store.Owned) []store.OwnedObject {
	return slices.DeleteFunc(by.OwnedBy(object.GetUID()), func(b store.OwnedObject) bool { return !c.owns(object, b) })
}

func (c *controller[T]) owns(object T, b store.OwnedObject) bool {
	if b.Owner != (ownership.Owner{Kind: c.Name(), Name: cache.MetaObjectToName(object), UID: object.GetUID()}) {
		return false
	}
	if c.recorded(object, b) {
		return true
	}
	if b.Name.Namespace != "" && !slices.Contains(c.namespaces(object), b.Name.Namespace) {
		return false
	}
	return c.names(object, b.Kind, b.Name.Name)
}

// recorded returns whether an object's status names a native object as its own.
func (c *controller[T]) recorded(object T, b store.OwnedObject) bool {
	return object.GetObjectStatus().BackendHandle == b.Handle
}

// namespaces returns those in which an object's children may be.
func (c *controller[T]) namespaces(object T) []string {
	all := []string{object.GetNamespace()}
	if c.kind.Namespace != nil {
		all = append(all, c.kind.Namespace(object))
	}
	all = append(all, ownership.RecordedNamespace(object.GetObjectStatus().BackendHandle))
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(namespace string) bool { return namespace == "" })
}

func (c *controller[T]) names(object T, kind schema.GroupKind, name string) bool {
	if c.kind.Names == nil {
		return name == object.GetName()
	}
	return c.kind.Names(object, kind, name)
}

// candidates returns the names of children that may exist without being in the cache.
func (c *controller[T]) candidates(object T, owned store.Owned) []cache.ObjectName {
	var names []cache.ObjectName
	for _, namespace := range c.namespaces(object) {
		if c.names(object, owned.GroupVersionKind().GroupKind(), object.GetName()) {
			names = append(names, cache.NewObjectName(namespace, object.GetName()))
		}
	}
	return names
}
