package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// needsFinalizer says whether something of this object would be left behind, or
// be deleted against its policy, if the garbage collector alone saw to its end.
func (c *controller[T]) needsFinalizer(object T, plan *Plan[T], p *pass) bool {
	if _, inUse := c.inUse(object); inUse > 0 {
		return !Held(object)
	}
	return !Held(object) && slices.ContainsFunc(plan.children, func(c child) bool { return !p.referenced(c) })
}

// Held says whether an object stays until what it made is cleaned up.
func Held(object metav1.Object) bool {
	return slices.Contains(object.GetFinalizers(), xosv1.CleanupFinalizer)
}

// addFinalizer is the one write before the first child that needs it. It takes
// annotations along.
func (c *controller[T]) addFinalizer(ctx context.Context, object T, annotations map[string]string) (T, error) {
	return c.setFinalizers(ctx, object, append(slices.Clone(object.GetFinalizers()), xosv1.CleanupFinalizer), annotations)
}

func (c *controller[T]) removeFinalizer(ctx context.Context, object T) error {
	_, err := c.setFinalizers(ctx, object, slices.DeleteFunc(slices.Clone(object.GetFinalizers()),
		func(f string) bool { return f == xosv1.CleanupFinalizer }), nil)
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// setFinalizers replaces the list. It names the version that the list was read
// from, so that a finalizer which somebody adds at the same time is not lost.
func (c *controller[T]) setFinalizers(ctx context.Context, object T, finalizers []string, annotations map[string]string) (T, error) {
	metadata := map[string]any{"uid": object.GetUID(), "resourceVersion": object.GetResourceVersion(), "finalizers": finalizers}
	if annotations != nil {
		metadata["annotations"] = annotations
	}
	patch, err := json.Marshal(map[string]any{"metadata": metadata})
	if err != nil {
		return object, fmt.Errorf("encode patch: %w", err)
	}
	patched, err := c.patch(ctx, object, patch)
	if err != nil {
		return object, fmt.Errorf("set the finalizers of %s %s: %w", c.Name(), cache.MetaObjectToName(object), err)
	}
	return patched, nil
}

// finalize ends or releases what an object owns, and lets it go once nothing is
// left. It needs none of the object's references: what belongs to it is found
// by its mark.
func (c *controller[T]) finalize(ctx context.Context, object T) result {
	if !Held(object) {
		return result{outcome: "terminating"} // the garbage collector and the watched end see to it
	}
	if by, wait := c.inUse(object); wait > 0 {
		return c.awaitUsers(ctx, object, by, wait)
	}
	if c.kind.External != nil {
		// What is left may be nobody's to delete but a person's, who is told so.
		switch done, observe := c.kind.External.Dismiss(ctx, object); {
		case !done && observe == nil:
			return result{outcome: "terminating"}
		case !done:
			return c.report(ctx, object, &Plan[T]{observe: observe}, judged{})
		}
	}
	left, err := c.dismiss(ctx, object)
	if err != nil {
		return result{outcome: "error", retry: true, err: err}
	}
	if left > 0 {
		return result{outcome: "terminating"} // the end of what is left wakes us
	}
	if err := c.removeFinalizer(ctx, object); err != nil {
		return result{outcome: "error", retry: true, err: err}
	}
	return result{outcome: "finalized"}
}

// dismiss deletes or releases each belonging as the policy says, and counts
// those whose end is still to come.
func (c *controller[T]) dismiss(ctx context.Context, object T) (left int, err error) {
	policy := object.GetLifecycle().DeletionPolicy
	var errs []error
	for _, owned := range c.kind.Owns {
		for _, b := range owned.ownedBy(object.GetUID()) {
			orphan := policy == xosv1.DeletionPolicyOrphan || !xosv1.IsManaged(object) ||
				b.protected || (b.adopted && policy != xosv1.DeletionPolicyDelete)
			switch {
			case orphan:
				errs = append(errs, b.release(ctx))
			case b.terminating:
				left++
			default:
				left++
				CountWrite(c.Name(), b.kind, "delete")
				errs = append(errs, b.delete(ctx, metav1.DeletePropagationBackground))
			}
		}
	}
	return left, errors.Join(errs...)
}

// releaseAll gives up everything that is marked as this object's.
func (c *controller[T]) releaseAll(ctx context.Context, object T) error {
	var errs []error
	for _, owned := range c.kind.Owns {
		for _, b := range owned.ownedBy(object.GetUID()) {
			errs = append(errs, b.release(ctx))
		}
	}
	return errors.Join(errs...)
}

// cleanUpEnded deletes the children of objects whose end a watch has shown. The
// garbage collector would do it too, but takes over a minute for a thousand.
func (c *controller[T]) cleanUpEnded(ctx context.Context, name cache.ObjectName) error {
	c.mu.Lock()
	ended := c.ended[name]
	c.mu.Unlock()
	if len(ended) == 0 {
		return nil
	}
	for _, uid := range ended {
		for _, owned := range c.kind.Owns {
			for _, b := range owned.ownedBy(uid) {
				if b.terminating || b.adopted || b.protected {
					continue
				}
				CountWrite(c.Name(), b.kind, "delete")
				if err := b.delete(ctx, metav1.DeletePropagationBackground); err != nil {
					return err
				}
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if rest := c.ended[name][len(ended):]; len(rest) > 0 {
		c.ended[name] = rest
	} else {
		delete(c.ended, name)
	}
	return nil
}

// release gives an object up: our marks, our owner reference and our claim on
// its fields go, everything else stays as it is. It reads the object, since a
// cache does not keep who manages which field; a release is rare.
func (n *Native[O, A]) release(ctx context.Context, o O) error {
	current, err := n.get(ctx, cache.MetaObjectToName(o))
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if current.GetUID() != o.GetUID() {
		return nil
	}
	owner, _ := OwnerOf(o, n.Kind.GroupKind())
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": current.GetUID(), "resourceVersion": current.GetResourceVersion(),
		"annotations": map[string]any{
			xosv1.OwnerAnnotation: nil, xosv1.AppliedAnnotation: nil, xosv1.AdoptedAnnotation: nil,
			xosv1.FixedAnnotation: nil, xosv1.MutableAnnotation: nil,
		},
		"labels": map[string]any{xosv1.ManagedByLabel: nil},
		"ownerReferences": slices.DeleteFunc(current.GetOwnerReferences(),
			func(r metav1.OwnerReference) bool { return r.UID == owner.UID }),
		"managedFields": Disclaim(current.GetManagedFields(), FieldManager),
	}})
	if err != nil {
		return fmt.Errorf("encode patch: %w", err)
	}
	released, err := n.client(o.GetNamespace()).
		Patch(ctx, o.GetName(), types.MergePatchType, patch, metav1.PatchOptions{FieldManager: FieldManager})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("release %s %s: %w", n.Kind.Kind, cache.MetaObjectToName(o), err)
	}
	n.Wrote(released)
	return nil
}
