package integration

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

func TestADisabledSliceRunsNothingAndKeepsItsController(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	for _, kind := range kindsOfControllers {
		s.apply(sliceOf(kind, unscheduled, ""))
	}
	s.startRun("before")
	before := map[string]any{}
	for _, kind := range kindsOfControllers {
		s.awaitPods(kind, true)
		before[kind] = s.kept(kind)
	}
	for _, kind := range kindsOfControllers {
		s.apply(sliceOf(kind, unscheduled, "enabled: false"))
	}
	s.play("CronJob", corev1.PodStatus{Phase: corev1.PodSucceeded}) // what it has started goes on to its end
	for _, kind := range kindsOfControllers {
		s.awaitPods(kind, false)
		s.ready("Slice", nameFor(kind))
		require.Equal(t, before[kind], s.kept(kind), "all but the number of pods is kept")
	}
	suspended, _, err := unstructured.NestedBool(s.workload("CronJob").Object, "spec", "suspend")
	require.NoError(t, err)
	require.True(t, suspended, "it starts no more jobs")
	for _, kind := range kindsOfControllers {
		s.apply(sliceOf(kind, unscheduled, "enabled: true"))
	}
	s.startRun("after")
	for _, kind := range kindsOfControllers {
		s.awaitPods(kind, true)
		require.Equal(t, before[kind], s.kept(kind))
	}
}

// kept is what a slice's controller keeps while the slice is disabled: it is the
// same one, with the same containers.
func (s *env) kept(kind string) []any {
	s.Helper()
	workload := s.workload(kind)
	path := []string{"spec", "template", "spec", "containers"}
	if kind == "CronJob" {
		path = append([]string{"spec", "jobTemplate"}, path...)
	}
	containers, found, err := unstructured.NestedSlice(workload.Object, path...)
	require.NoError(s, err)
	require.True(s, found, "%s has no containers", kind)
	return []any{workload.GetUID(), containers}
}

// awaitPods waits until the slice of a kind has pods, or until it has none that
// has not ended.
func (s *env) awaitPods(kind string, some bool) {
	s.Helper()
	plane.Wait(s, testkit.Timeout, func(context.Context) (bool, string) {
		pods := s.podsOf(kind)
		return (len(pods) > 0) == some, fmt.Sprintf("the %s has %d pods", kind, len(pods))
	})
}

func TestADisabledSlicesInstancesHaveNoPods(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	slice := func(enabled bool) string {
		return fmt.Sprintf("kind: Slice\nmetadata: {name: few}\nspec: {trustDomain: $domain, enabled: %v}\n", enabled)
	}
	s.apply(slice(true) + "---\nkind: KubernetesServiceInstance\nmetadata: {name: a}\nspec: {slice: few, imageReference: registry.example/few:1}\n")
	s.ready("KubernetesServiceInstance", "a")
	s.apply(slice(false))
	testkit.AwaitGone(s, s.kube.CoreV1().Pods(s.domain).Get, "a")
	s.awaitReady("KubernetesServiceInstance", "a", asItShouldBe("Slice few is disabled"))
	s.apply(slice(true))
	s.ready("KubernetesServiceInstance", "a")
}
