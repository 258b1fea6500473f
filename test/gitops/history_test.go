package gitops

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// history is each version of some objects that the server reported, so that a failure
// that was over before anybody asked is in it too.
type history struct {
	keep func(*unstructured.Unstructured) bool

	mu   sync.Mutex
	seen []version
}

// version is one of an object, or its last one.
type version struct {
	*unstructured.Unstructured
	last bool
}

// record watches resources from now on until the test ends, in all namespaces.
func (c *cluster) record(t *testing.T, keep func(*unstructured.Unstructured) bool, resources ...schema.GroupVersionResource) *history {
	t.Helper()
	h := &history{keep: keep}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what was last seen of each object:\n%s", h.last())
		}
	})
	for _, resource := range resources {
		there, err := c.Dynamic.Resource(resource).List(t.Context(), metav1.ListOptions{})
		require.NoError(t, err)
		events, err := c.Dynamic.Resource(resource).Watch(t.Context(), metav1.ListOptions{ResourceVersion: there.GetResourceVersion()})
		require.NoError(t, err)
		t.Cleanup(events.Stop)
		go func() {
			for event := range events.ResultChan() {
				if object, ok := event.Object.(*unstructured.Unstructured); ok && h.keep(object) {
					h.mu.Lock()
					h.seen = append(h.seen, version{object, event.Type == watch.Deleted})
					h.mu.Unlock()
				}
			}
		}()
	}
	return h
}

// recordOurs records the objects of all our kinds that are in a namespace of these names,
// or are cluster-scoped and have one of them.
func (c *cluster) recordOurs(t *testing.T, names ...string) *history {
	t.Helper()
	served, err := c.Kinds.ServerResourcesForGroupVersion(xosv1.SchemeGroupVersion.String())
	require.NoError(t, err)
	var resources []schema.GroupVersionResource
	for _, resource := range served.APIResources {
		if !strings.Contains(resource.Name, "/") {
			resources = append(resources, xosv1.SchemeGroupVersion.WithResource(resource.Name))
		}
	}
	return c.record(t, func(o *unstructured.Unstructured) bool {
		in := o.GetNamespace()
		if in == "" {
			in = o.GetName()
		}
		return o.GroupVersionKind().Group == xosv1.GroupName && slices.Contains(names, in)
	}, resources...)
}

// failures are the objects that tools could have read as failed at some time, and why. It
// first waits until the history has the present state of these objects, or their end.
func (h *history) failures(t *testing.T, c *cluster, upTo ...*unstructured.Unstructured) []string {
	t.Helper()
	for _, object := range upTo {
		if !h.keep(object) {
			continue
		}
		plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
			live, err := c.of(t, object).Get(ctx, object.GetName(), metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				return h.ended(object), "the watch has not reported the end of " + manifests.Describe(object)
			}
			if err != nil {
				return false, err.Error()
			}
			return h.has(live), "the watch has not reported " + manifests.Describe(live)
		})
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var failed []string
	for _, object := range h.seen {
		result, err := status.Compute(object.Unstructured)
		require.NoError(t, err)
		if result.Status == status.FailedStatus {
			failed = append(failed, fmt.Sprintf("%s: %s", manifests.Describe(object.Unstructured), result.Message))
		}
	}
	return failed
}

// last is how each object was seen last.
func (h *history) last() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	lines := map[string]string{}
	for _, object := range h.seen {
		name := manifests.Describe(object.Unstructured)
		lines[name] = fmt.Sprintf("%s (generation %d, deleted %v): %v\n", name, object.GetGeneration(), object.GetDeletionTimestamp(), object.Object["status"])
	}
	return strings.Join(slices.Sorted(maps.Values(lines)), "")
}

func (h *history) has(live *unstructured.Unstructured) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.seen, func(v version) bool {
		return v.GetUID() == live.GetUID() && v.GetResourceVersion() == live.GetResourceVersion()
	})
}

// ended returns whether the last that was seen of an object is its end.
func (h *history) ended(object *unstructured.Unstructured) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, v := range slices.Backward(h.seen) {
		if manifests.Describe(v.Unstructured) == manifests.Describe(object) {
			return v.last
		}
	}
	return false
}
