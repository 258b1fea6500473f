package engine

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// dismiss deletes or releases each belonging as the policy says, and returns those
// whose end is to be waited for: what the status records. What is only marked may
// have been marked, and held, by another client: it is deleted and not waited for.
func (c *controller[T]) dismiss(ctx context.Context, object T) (left []belonging, err error) {
	var errs []error
	for _, b := range c.ownedBy(object) {
		waits, err := c.dismissOne(ctx, object, b)
		if errs = append(errs, err); waits {
			left = append(left, b)
		}
	}
	return left, errors.Join(errs...)
}

// dismissOne deletes or releases one belonging, and leaves what is beyond our reach.
func (c *controller[T]) dismissOne(ctx context.Context, object T, b belonging) (waits bool, _ error) {
	c.sawEnd(object.GetUID())
	waits, err := c.dismissIt(ctx, object, b)
	if apierrors.IsForbidden(err) && c.beyondReach(object, b) {
		c.leave(ctx, object, b)
		return false, nil
	}
	return waits, err
}

func (c *controller[T]) dismissIt(ctx context.Context, object T, b belonging) (waits bool, _ error) {
	switch {
	case c.orphans(object, b):
		return false, b.release(ctx)
	case b.terminating:
		return c.recorded(object, b), nil
	}
	CountWrite(c.Name(), b.kind.Kind, "delete")
	err := b.delete(ctx, metav1.DeletePropagationBackground)
	return c.recorded(object, b), err
}

// orphans returns whether a belonging outlives its owner: by the policy, because it
// is not ours to delete, or because it was there before and nobody has consented to
// its end.
func (c *controller[T]) orphans(object T, b belonging) bool {
	policy := object.GetLifecycle().DeletionPolicy
	return policy == xosv1.DeletionPolicyOrphan || !xosv1.IsManaged(object) || b.protected || c.staysAdopted(object, b)
}

// staysAdopted returns whether a belonging was there before us and is to stay: its
// deletion takes a policy that was written out, and the same consent as its adoption.
func (c *controller[T]) staysAdopted(object T, b belonging) bool {
	return b.adopted && (object.GetLifecycle().DeletionPolicy != xosv1.DeletionPolicyDelete || !b.consented(c.adoption(object)))
}

func (c *controller[T]) adoption(object T) xosv1.DomainAdoption {
	if c.kind.Adoption == nil {
		return xosv1.DomainAdoptionNone
	}
	return c.kind.Adoption(object)
}

// releaseAll gives up everything that belongs to an object.
func (c *controller[T]) releaseAll(ctx context.Context, object T) error {
	var errs []error
	for _, b := range c.ownedBy(object) {
		errs = append(errs, b.release(ctx))
	}
	return errors.Join(errs...)
}
