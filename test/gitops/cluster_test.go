package gitops

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/test/testkit/kubectl"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// argo is the field manager of server-side applies.
const argo = "argocd-controller"

// cluster is where an administrator, or Argo CD as one, applies files.
type cluster struct {
	*kubectl.Client

	mu      sync.Mutex
	schemas *managedfields.GvkParser
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	client, err := kubectl.New(plane.Shared(t).Config())
	require.NoError(t, err)
	return &cluster{Client: client}
}

func (c *cluster) of(t *testing.T, o *unstructured.Unstructured) dynamic.ResourceInterface {
	t.Helper()
	client, err := c.Of(o)
	require.NoError(t, err)
	return client
}

// apply is a client-side apply, as "kubectl apply" does it.
func (c *cluster) apply(t *testing.T, config *unstructured.Unstructured) {
	t.Helper()
	require.NoError(t, c.Apply(t.Context(), config), manifests.Describe(config))
}

// applyOnTheServer is a server-side apply, with the fields of others taken over as Argo
// CD does; a trial changes nothing.
func (c *cluster) applyOnTheServer(t *testing.T, config *unstructured.Unstructured, trial ...string) *unstructured.Unstructured {
	t.Helper()
	text, err := json.Marshal(config)
	require.NoError(t, err)
	force := true
	made, err := c.of(t, config).Patch(t.Context(), config.GetName(), types.ApplyPatchType, text,
		metav1.PatchOptions{FieldManager: argo, Force: &force, DryRun: trial, FieldValidation: metav1.FieldValidationStrict})
	require.NoError(t, err, manifests.Describe(config))
	return made
}

// served waits until the kinds that a file defines can be used.
func (c *cluster) served(t *testing.T, f file) {
	t.Helper()
	for _, object := range f.documents(t) {
		if object.GetKind() == "CustomResourceDefinition" {
			c.settled(t, object)
			c.Reset()
		}
	}
}

// settled waits until an object is as it stays, and returns it.
func (c *cluster) settled(t *testing.T, config *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	var live *unstructured.Unstructured
	plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		found, err := c.of(t, config).Get(ctx, config.GetName(), metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		live = found
		// No autoscaler scales, for want of metrics, and no metrics are asked for here.
		if live.GetKind() == "HorizontalPodAutoscaler" {
			return true, ""
		}
		result, err := status.Compute(live)
		if err != nil {
			return false, err.Error()
		}
		return result.Status == status.CurrentStatus, fmt.Sprintf("%s is %s: %s", manifests.Describe(live), result.Status, result.Message)
	})
	return live
}

// remove deletes what a file made, and waits for its end. The one KubernetesService is
// the cluster's own: it would come back.
func (c *cluster) remove(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	// What a blob made is deleted with the rights of a principal.
	for _, blobs := range []bool{true, false} {
		var gone []*unstructured.Unstructured
		for _, o := range objects {
			if (o.GetKind() == "KubernetesResourceInstance") == blobs && o.GetKind() != "KubernetesService" {
				gone = append(gone, o)
			}
		}
		for _, o := range gone {
			background := metav1.DeletePropagationBackground
			err := c.of(t, o).Delete(context.WithoutCancel(t.Context()), o.GetName(), metav1.DeleteOptions{PropagationPolicy: &background})
			if !apierrors.IsNotFound(err) {
				require.NoError(t, err)
			}
		}
		for _, o := range gone {
			plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
				left, err := c.of(t, o).Get(ctx, o.GetName(), metav1.GetOptions{})
				if err != nil {
					return apierrors.IsNotFound(err), err.Error()
				}
				state, _, _ := unstructured.NestedSlice(left.Object, "status", "conditions")
				return false, fmt.Sprintf("%s is still there: %v", manifests.Describe(left), state)
			})
		}
	}
}
