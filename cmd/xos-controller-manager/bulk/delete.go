package bulk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

const (
	// askAgain is the time between two lists of what is left.
	askAgain = time.Second
	// named is how many objects an error names.
	named = 10
)

// Delete deletes all custom resources that have the manager's finalizer, and waits until the
// manager, which has to run, has deleted their native objects according to deletionPolicy. Records
// of the inventory have none: the manager would only make them again.
func (c *Client) Delete(ctx context.Context) error {
	resources, err := c.resources()
	if err != nil {
		return err
	}
	// What a blob made is deleted with the rights of a Principal, which has to be there until then.
	isBlob := func(r schema.GroupVersionResource) bool { return r.Resource == "kubernetesresourceinstances" }
	var blobs []schema.GroupVersionResource
	for _, resource := range resources {
		if isBlob(resource) {
			blobs = append(blobs, resource)
		}
	}
	if err := c.deleteAll(ctx, blobs); err != nil {
		return err
	}
	return c.deleteAll(ctx, slices.DeleteFunc(resources, isBlob))
}

func (c *Client) deleteAll(ctx context.Context, resources []schema.GroupVersionResource) error {
	var left []string
	err := wait.PollUntilContextCancel(ctx, askAgain, true, func(ctx context.Context) (bool, error) {
		var found []string
		err := c.each(ctx, resources, func(o object) error {
			if !slices.Contains(o.Finalizers, xosv1.CleanupFinalizer) {
				return nil
			}
			found = append(found, o.String())
			if o.DeletionTimestamp != nil {
				return nil
			}
			return c.delete(ctx, o)
		})
		if ctx.Err() == nil {
			left = found
		}
		return err == nil && len(found) == 0, err
	})
	if errors.Is(err, context.DeadlineExceeded) && len(left) > 0 {
		return fmt.Errorf("%d custom resources were not deleted in time, and their conditions say why: %s; correct that and try again",
			len(left), strings.Join(left[:min(len(left), named)], ", "))
	}
	return err
}

func (c *Client) delete(ctx context.Context, o object) error {
	background := metav1.DeletePropagationBackground
	err := c.of(o).Delete(ctx, o.Name, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(o.UID)), PropagationPolicy: &background})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) { // a namesake is seen by the next list
		return fmt.Errorf("delete %s: %w", o, err)
	}
	return nil
}

// DeleteDefinitions deletes the custom resource definitions, and with them all custom resources
// that are left, and waits for their end.
func (c *Client) DeleteDefinitions(ctx context.Context) error {
	resources, err := c.resources()
	if err != nil {
		return err
	}
	definitions := c.objects.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	var left []string
	for _, resource := range resources {
		name := resource.GroupResource().String()
		if err := definitions.Delete(ctx, name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("delete the definition %s: %w", name, err)
		}
		left = append(left, name)
	}
	err = wait.PollUntilContextCancel(ctx, askAgain, true, func(ctx context.Context) (bool, error) {
		var unknown error
		left = slices.DeleteFunc(left, func(name string) bool {
			_, err := definitions.Get(ctx, name, metav1.GetOptions{})
			if err != nil && !apierrors.IsNotFound(err) {
				unknown = err
			}
			return apierrors.IsNotFound(err)
		})
		return len(left) == 0, unknown
	})
	if errors.Is(err, context.DeadlineExceeded) && len(left) > 0 {
		return fmt.Errorf("definitions were not gone in time: %s; a finalizer of another client may hold their objects", strings.Join(left, ", "))
	}
	return err
}
