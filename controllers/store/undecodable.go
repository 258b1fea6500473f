package store

import (
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Get returns the newest version that we know of, for those that refer to the
// object: one that could not be decoded is not there for them, since what is
// known of its spec is not what its author wrote. It must not be changed.
func (c *Custom[T]) Get(name cache.ObjectName) (T, bool) {
	o, ok := c.Resource.Get(name)
	if !ok || o.GetObjectStatus().Undecodable != "" {
		var none T
		return none, false
	}
	return o, true
}

// Decoded returns an error that waits for the first of the objects that could not
// be decoded, for those that found them by an index.
func (c *Custom[T]) Decoded(objects ...T) error {
	for _, o := range objects {
		if err := outcome.Decoded(c.Kind.Kind, o); err != nil {
			return err
		}
	}
	return nil
}

// Undecodable is why an object can't be worked on: nothing is made or changed for
// one of which a part of the spec is unknown.
func Undecodable(o xosv1.Object) error {
	fields := o.GetObjectStatus().Undecodable
	if fields == "" {
		return nil
	}
	return outcome.Refuse(xosv1.ReasonInvalid, "this object can't be decoded, and nothing is changed for it: %s: correct that", fields)
}
