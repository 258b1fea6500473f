package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Release removes the manager's finalizers from all custom resources, and returns from how many.
// It keeps the objects and what they are about; those whose deletion waited for the manager end.
// No manager may run: it would set its finalizers again. An object that can't be released does not
// keep the others from it.
func (c *Client) Release(ctx context.Context) (int, error) {
	resources, err := c.resources()
	if err != nil {
		return 0, err
	}
	released := 0
	var failed []error
	err = c.each(ctx, resources, func(o object) error {
		if !slices.ContainsFunc(o.Finalizers, ours) {
			return nil
		}
		if err := c.release(ctx, o); err != nil {
			failed = append(failed, fmt.Errorf("release %s: %w", o, err))
			return ctx.Err()
		}
		released++
		return nil
	})
	return released, errors.Join(append(failed, err)...)
}

func ours(finalizer string) bool {
	return finalizer == xosv1.CleanupFinalizer || finalizer == xosv1.DeliveryFinalizer
}

// release patches this very version of an object, so that a finalizer that another client sets at
// the same time is not lost, and a namesake is not taken for the object.
func (c *Client) release(ctx context.Context, o object) error {
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
			"uid": o.UID, "resourceVersion": o.ResourceVersion, "finalizers": slices.DeleteFunc(slices.Clone(o.Finalizers), ours),
		}})
		if err != nil {
			return err
		}
		_, err = c.of(o).Patch(ctx, o.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: xosv1.FieldManager})
		if !apierrors.IsConflict(err) {
			return err
		}
		fresh, readErr := c.of(o).Get(ctx, o.Name, metav1.GetOptions{})
		if readErr != nil {
			return readErr
		}
		o.PartialObjectMetadata = fresh
		return err
	})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
