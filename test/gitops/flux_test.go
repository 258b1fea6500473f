package gitops

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

var kustomizations = schema.GroupVersionResource{Group: "kustomize.toolkit.fluxcd.io", Version: "v1", Resource: "kustomizations"}

// applyFlux applies an example for Flux whose repository has the files of
// examples/gitops, with the names in it replaced. It returns its Kustomizations.
func applyFlux(t *testing.T, c *cluster, name string, replace ...string) (*repository, []*unstructured.Unstructured) {
	t.Helper()
	runFlux(t, c)
	example := match(t, "examples/gitops/flux/"+name)[0]
	example.text = strings.NewReplacer(replace...).Replace(example.text)
	var repo *repository
	var steps []*unstructured.Unstructured
	for _, object := range example.documents(t) {
		c.applyOnTheServer(t, object)
		if object.GetKind() == "GitRepository" {
			repo = serve(t, object)
		} else {
			steps = append(steps, object)
		}
	}
	for path, text := range repo.files {
		repo.files[path] = strings.NewReplacer(replace...).Replace(text)
	}
	return repo, steps
}

// applied waits until a Kustomization is ready with a revision.
func applied(t *testing.T, c *cluster, step *unstructured.Unstructured, revision string) {
	t.Helper()
	awaitStep(t, c, step, func(live *unstructured.Unstructured) bool {
		last, _, _ := unstructured.NestedString(live.Object, "status", "lastAppliedRevision")
		return last == revision && readyIs(live, metav1.ConditionTrue)
	})
}

// refused waits until a Kustomization reports a failure with a revision, and returns its
// reason and message.
func refused(t *testing.T, c *cluster, step *unstructured.Unstructured, revision string) metav1.Condition {
	t.Helper()
	live := awaitStep(t, c, step, func(live *unstructured.Unstructured) bool {
		last, _, _ := unstructured.NestedString(live.Object, "status", "lastAttemptedRevision")
		return last == revision && readyIs(live, metav1.ConditionFalse)
	})
	return *meta.FindStatusCondition(conditionsOf(live), "Ready")
}

// readyIs has the condition describe the present spec. What Flux observed itself, it
// reports only once it has succeeded.
func readyIs(live *unstructured.Unstructured, want metav1.ConditionStatus) bool {
	ready := meta.FindStatusCondition(conditionsOf(live), "Ready")
	return ready != nil && ready.Status == want && ready.ObservedGeneration == live.GetGeneration()
}

func awaitStep(t *testing.T, c *cluster, step *unstructured.Unstructured, want func(*unstructured.Unstructured) bool) *unstructured.Unstructured {
	t.Helper()
	var live *unstructured.Unstructured
	plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		found, err := c.of(t, step).Get(ctx, step.GetName(), metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		live = found
		return want(live), fmt.Sprintf("%s: %v", manifests.Describe(live), live.Object["status"])
	})
	return live
}

func conditionsOf(o *unstructured.Unstructured) []metav1.Condition {
	var of struct {
		Status struct {
			Conditions []metav1.Condition `json:"conditions"`
		} `json:"status"`
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &of); err != nil {
		panic(err) // the schema says what conditions are
	}
	return of.Status.Conditions
}

// expected are the reasons of Kustomizations that wait for another one, or for the first
// revision of their repository: the tests publish it after them.
var expected = []string{"DependencyNotReady", "ArtifactFailed"}

// stopped are the reports of Kustomizations that something went wrong.
func (h *history) stopped() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []string
	for _, step := range h.seen {
		ready := meta.FindStatusCondition(conditionsOf(step.Unstructured), "Ready")
		if ready != nil && ready.Status == metav1.ConditionFalse && !slices.Contains(expected, ready.Reason) {
			found = append(found, fmt.Sprintf("%s: %s: %s", step.GetName(), ready.Reason, ready.Message))
		}
	}
	return found
}

// named keeps the objects of these.
func named(objects []*unstructured.Unstructured) func(*unstructured.Unstructured) bool {
	return func(o *unstructured.Unstructured) bool {
		for _, one := range objects {
			if one.GetName() == o.GetName() && one.GetNamespace() == o.GetNamespace() {
				return true
			}
		}
		return false
	}
}

// gone waits for the end of an object.
func gone(t *testing.T, c *cluster, kind schema.GroupVersionKind, namespace, name string) {
	t.Helper()
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(kind)
	object.SetNamespace(namespace)
	object.SetName(name)
	plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		left, err := c.of(t, object).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return apierrors.IsNotFound(err), err.Error()
		}
		return false, fmt.Sprintf("%s is still there: %v", manifests.Describe(left), left.Object["status"])
	})
}

// get reads an object of a file in the cluster.
func get(t *testing.T, c *cluster, group, version, kind, namespace, name string) (*unstructured.Unstructured, error) {
	t.Helper()
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(schema.GroupVersionKind{Group: group, Version: version, Kind: kind})
	object.SetNamespace(namespace)
	return c.of(t, object).Get(t.Context(), name, metav1.GetOptions{})
}

// deleteAll deletes objects without waiting for them, and then waits for their end, as
// "kubectl delete -f" does.
func (c *cluster) deleteAll(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	background := metav1.DeletePropagationBackground
	for _, object := range objects {
		err := c.of(t, object).Delete(t.Context(), object.GetName(), metav1.DeleteOptions{PropagationPolicy: &background})
		if !apierrors.IsNotFound(err) {
			require.NoError(t, err)
		}
	}
	for _, object := range objects {
		gone(t, c, object.GroupVersionKind(), object.GetNamespace(), object.GetName())
	}
}

const ours = "xos.opencord.org"

func kind(name string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: ours, Version: "v1", Kind: name}
}

// TestFluxAppliesANamespaceInGit is the life of a repository: applied, changed, suspended,
// failing, pruned, restored, deleted and applied again.
func TestFluxAppliesANamespaceInGit(t *testing.T) {
	t.Parallel()
	const path = "namespace-in-git/bakery.yaml"
	c := newCluster(t)
	repo, steps := applyFlux(t, c, "namespace-in-git.yaml")
	step := steps[0]
	reports := c.record(t, named(steps), kustomizations)
	objects := c.recordOurs(t, "bakery")

	applied(t, c, step, repo.publish(t, c))
	_, err := get(t, c, "apps", "v1", "Deployment", "bakery", "web")
	require.NoError(t, err, "ready, and what is declared is there")
	native, err := get(t, c, "", "v1", "Service", "bakery", "counter-clusterip")
	require.NoError(t, err)

	// A change, and a port with another name and the same number.
	repo.edit(t, path, "bread: flour, water, salt", "bread: flour, water, salt, yeast")
	repo.edit(t, path, "  name: http\n", "  name: web-http\n")
	applied(t, c, step, repo.publish(t, c))
	config, err := get(t, c, "", "v1", "ConfigMap", "bakery", "recipes")
	require.NoError(t, err)
	bread, _, _ := unstructured.NestedString(config.Object, "data", "bread")
	assert.Equal(t, "flour, water, salt, yeast", bread)
	gone(t, c, kind("ServicePort"), "bakery", "http")
	kept, err := get(t, c, "", "v1", "Service", "bakery", "counter-clusterip")
	require.NoError(t, err)
	assert.Equal(t, native.GetUID(), kept.GetUID(), "and so is its address")

	// What is suspended holds up nobody.
	repo.edit(t, path, "  controllerReplicaCount: 2\n", "  controllerReplicaCount: 3\n  suspend: true\n")
	applied(t, c, step, repo.publish(t, c))
	repo.edit(t, path, "  suspend: true\n", "")
	applied(t, c, step, repo.publish(t, c))

	// What is removed is deleted; what comes back at once is created again, though the
	// native objects of its predecessor may still be there.
	whole := repo.files[path]
	repo.remove(t, path, "Slice", "web")
	repo.remove(t, path, "ServicePort", "web-http")
	repo.remove(t, path, "Service", "counter")
	applied(t, c, step, repo.publish(t, c))
	gone(t, c, kind("Slice"), "bakery", "web")
	repo.files[path] = whole
	applied(t, c, step, repo.publish(t, c))

	assert.Empty(t, objects.failures(t, c), "nothing of this is a failure")
	assert.Empty(t, reports.stopped(), "nothing of this is a failure")

	// A failure is reported long before the timeout, and its object is named.
	good := repo.files[path]
	repo.files[path] += "---\napiVersion: xos.opencord.org/v1\nkind: Principal\nmetadata: {name: baker, namespace: bakery}\nspec: {roles: [cluster-admin]}\n"
	begin := time.Now()
	why := refused(t, c, step, repo.publish(t, c))
	assert.Less(t, time.Since(begin), time.Minute, "of the five that it would wait")
	assert.Equal(t, "HealthCheckFailed", why.Reason)
	assert.Contains(t, why.Message, "failed early due to stalled resources: [Principal/bakery/baker status: 'Failed'")
	repo.files[path] = good
	applied(t, c, step, repo.publish(t, c))
	gone(t, c, kind("Principal"), "bakery", "baker")

	// Deleted, and the same file applied again at once.
	reports = c.record(t, named(steps), kustomizations)
	objects = c.recordOurs(t, "bakery")
	c.deleteAll(t, steps)
	_, err = get(t, c, ours, "v1", "TrustDomain", "", "bakery")
	assert.True(t, apierrors.IsNotFound(err), "gone with the Kustomization: %v", err)
	c.applyOnTheServer(t, step)
	applied(t, c, step, repo.publish(t, c))
	assert.Empty(t, objects.failures(t, c))
	assert.Empty(t, reports.stopped())

	c.deleteAll(t, steps)
	gone(t, c, schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, "", "bakery")
}

func TestFluxAppliesTwoStepsInTheirOrder(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	repo, steps := applyFlux(t, c, "two-steps.yaml")
	for _, round := range []string{"applied", "deleted and applied again"} {
		reports := c.record(t, named(steps), kustomizations)
		objects := c.recordOurs(t, "garage")
		for _, step := range steps {
			c.applyOnTheServer(t, step)
		}
		revision := repo.publish(t, c)
		applied(t, c, steps[1], revision)
		applied(t, c, steps[0], revision)
		_, err := get(t, c, "apps", "v1", "Deployment", "garage", "workshop")
		require.NoError(t, err)
		assert.Empty(t, objects.failures(t, c), round)
		assert.Empty(t, reports.stopped(), round)
		// Flux deletes both at a time, and the namespace with the first.
		c.deleteAll(t, steps)
		gone(t, c, schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, "", "garage")
	}
}

func TestFluxAppliesObjectsElsewhere(t *testing.T) {
	t.Parallel()
	const path = "objects-elsewhere/florist.yaml"
	c := newCluster(t)
	repo, steps := applyFlux(t, c, "namespace-in-git.yaml", "namespace-in-git", "objects-elsewhere", "name: bakery", "name: florist")
	reports := c.record(t, named(steps), kustomizations)
	objects := c.recordOurs(t, "florist", "florist-team")
	applied(t, c, steps[0], repo.publish(t, c))
	_, err := get(t, c, "apps", "v1", "Deployment", "florist", "web")
	require.NoError(t, err)

	// What comes back while the cleanup of its predecessor is under way.
	whole := repo.files[path]
	repo.remove(t, path, "Slice", "web")
	applied(t, c, steps[0], repo.publish(t, c))
	repo.files[path] = whole
	applied(t, c, steps[0], repo.publish(t, c))

	assert.Empty(t, objects.failures(t, c))
	assert.Empty(t, reports.stopped())
	c.deleteAll(t, steps)
	for _, name := range []string{"florist", "florist-team"} {
		gone(t, c, schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, "", name)
	}
}

// TestFluxRefusesObjectsOfANamespaceToCome shows why the documentation advises against
// this layout: Flux asks the server about each object before it applies any.
func TestFluxRefusesObjectsOfANamespaceToCome(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	repo, steps := applyFlux(t, c, "namespace-in-git.yaml", "namespace-in-git", "two-steps", "bakery", "attic", "garage", "attic")
	why := refused(t, c, steps[0], repo.publish(t, c))
	assert.Equal(t, "ReconciliationFailed", why.Reason)
	assert.Contains(t, why.Message, `namespaces "attic" not found`)
	_, err := get(t, c, ours, "v1", "TrustDomain", "", "attic")
	assert.True(t, apierrors.IsNotFound(err), "nothing is applied: %v", err)
	c.deleteAll(t, steps)
}
