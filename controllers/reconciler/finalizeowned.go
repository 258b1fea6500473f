package reconciler

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// finalizeOwned deletes or releases each owned object as the policy says, and returns those whose
// deletion is waited for: the ones that the status records. An object that only has tracking
// metadata may have been labelled, and blocked, by another client: it is deleted and not waited
// for.
func (c *controller[T]) finalizeOwned(ctx context.Context, object T) (left []store.OwnedObject, err error) {
	var errs []error
	for _, b := range c.ownedBy(object) {
		waits, err := c.finalizeOne(ctx, object, b)
		if errs = append(errs, err); waits {
			left = append(left, b)
		}
	}
	return left, errors.Join(errs...)
}

// finalizeOne deletes or releases one owned object, and leaves behind what may not be changed.
func (c *controller[T]) finalizeOne(ctx context.Context, object T, b store.OwnedObject) (waits bool, _ error) {
	c.setFinalizing(object.GetUID())
	waits, err := c.deleteOrRelease(ctx, object, b)
	if apierrors.IsForbidden(err) && c.beyondReach(object, b) {
		c.recordLeftBehind(ctx, object, b)
		return false, nil
	}
	return waits, err
}

func (c *controller[T]) deleteOrRelease(ctx context.Context, object T, b store.OwnedObject) (waits bool, _ error) {
	switch {
	case c.orphans(object, b):
		return false, b.Release(ctx)
	case b.Terminating:
		return c.recorded(object, b), nil
	}
	store.CountWrite(c.Name(), b.Kind.Kind, "delete")
	err := b.Delete(ctx, metav1.DeletePropagationBackground)
	return c.recorded(object, b), err
}

// orphans returns whether an owned object outlives its owner: by the policy, because it may not be
// deleted, or because it was adopted and its deletion has no consent.
func (c *controller[T]) orphans(object T, b store.OwnedObject) bool {
	policy := object.GetLifecycle().DeletionPolicy
	return policy == xosv1.DeletionPolicyOrphan || !xosv1.IsManaged(object) || b.Protected || c.staysAdopted(object, b)
}

// staysAdopted returns whether an adopted object is to remain: its deletion requires a policy that
// the spec sets explicitly, and the same consent as its adoption.
func (c *controller[T]) staysAdopted(object T, b store.OwnedObject) bool {
	return b.Adopted && (object.GetLifecycle().DeletionPolicy != xosv1.DeletionPolicyDelete || !b.Consented(c.adoption(object)))
}

func (c *controller[T]) adoption(object T) xosv1.DomainAdoption {
	if c.kind.Adoption == nil {
		return xosv1.DomainAdoptionNone
	}
	return c.kind.Adoption(object)
}

// releaseAll releases all owned objects of an object.
func (c *controller[T]) releaseAll(ctx context.Context, object T) error {
	var errs []error
	for _, b := range c.ownedBy(object) {
		errs = append(errs, b.Release(ctx))
	}
	return errors.Join(errs...)
}
