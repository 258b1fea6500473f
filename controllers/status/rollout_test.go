package status_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

func paused(w *observe.Workload) { w.Paused = true }

// ordered is a StatefulSet whose newest template has the revision "new", for the pods
// from a number on.
func ordered(from int32) func(*observe.Workload) {
	return func(w *observe.Workload) { w.UpdateRevision, w.UpdateFrom = "new", from }
}

// numbered is a StatefulSet's pod of a revision.
func numbered(name, revision string, more ...func(*corev1.Pod)) *corev1.Pod {
	return pod(append([]func(*corev1.Pod){func(p *corev1.Pod) {
		p.Name, p.Labels = name, map[string]string{appsv1.StatefulSetRevisionLabel: revision}
		p.OwnerReferences = []metav1.OwnerReference{{Kind: "StatefulSet", Controller: ptr.To(true)}}
	}}, more...)...)
}

func TestARolloutReportsWhatIsMissingAndWhatBlocksIt(t *testing.T) {
	ready := condition(corev1.PodReady, corev1.ConditionTrue, "", "")
	nowhere := condition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", "0/3 nodes")
	const resume = "; to go on: kubectl rollout resume deployment/web -n shop"
	const waits = ": the StatefulSet waits for pod db-0 of the former template, which is not ready: unless it becomes so by itself, " +
		"it has to be deleted to be replaced: kubectl delete pod db-0 -n shop"
	for sentence, test := range map[string]struct {
		kind    string
		in      *observe.Workload
		pods    []*corev1.Pod
		state   outcome.State
		reason  string
		message string
	}{
		"updates are lacking":           {"Deployment", of(2, 3, 1, 2), nil, outcome.Progressing, "Progressing", "1 of 2 pods have the new template"},
		"readiness is lacking":          {"Deployment", of(2, 2, 2, 1), nil, outcome.Progressing, "Progressing", "1 of 2 pods are ready"},
		"both are lacking":              {"Deployment", of(4, 4, 2, 3), nil, outcome.Progressing, "Progressing", "3 of 4 pods are ready, 2 have the new template"},
		"old pods have to go":           {"Deployment", of(2, 3, 2, 2), nil, outcome.Progressing, "Progressing", "there are 3 pods, and 1 have to go"},
		"an update in trouble":          {"Deployment", of(2, 3, 1, 2), []*corev1.Pod{pod(waiting("web", "ErrImagePull", ""))}, outcome.Progressing, "Progressing", "1 of 2 pods have the new template: container web: ErrImagePull"},
		"paused, and nothing to do":     {"Deployment", of(2, 2, 2, 2, paused), nil, outcome.Ready, "Succeeded", "2 of 2 pods are ready"},
		"paused before the update":      {"Deployment", of(2, 2, 0, 2, paused), nil, outcome.Stalled, "Suspended", "the Deployment is paused: 0 of 2 pods have the new template" + resume},
		"paused amid the update":        {"Deployment", of(2, 3, 1, 2, paused), nil, outcome.Stalled, "Suspended", "the Deployment is paused: 1 of 2 pods have the new template" + resume},
		"paused with ill pods":          {"Deployment", of(2, 2, 0, 1, paused), nil, outcome.Stalled, "Suspended", "the Deployment is paused: 1 of 2 pods are ready, 0 have the new template" + resume},
		"paused, and it only grows":     {"Deployment", of(3, 2, 2, 2, paused), nil, outcome.Progressing, "Progressing", "2 of 3 pods are ready"},
		"paused, and not seen yet":      {"Deployment", of(2, 2, 2, 2, paused, unobserved), nil, outcome.Progressing, "Progressing", "the Deployment takes up its new spec"},
		"paused, and pods are refused":  {"Deployment", of(2, 2, 0, 2, paused, failing("quota")), nil, outcome.Progressing, "Failed", "Deployment: quota"},
		"a former pod blocks":           {"StatefulSet", of(2, 1, 0, 0, ordered(0)), []*corev1.Pod{numbered("db-0", "old", nowhere)}, outcome.Progressing, "Progressing", "0 of 2 pods are ready, 0 have the new template" + waits},
		"the first of two blocks":       {"StatefulSet", of(2, 2, 0, 0, ordered(0)), []*corev1.Pod{numbered("db-1", "old", nowhere), numbered("db-0", "old", nowhere)}, outcome.Progressing, "Progressing", "0 of 2 pods are ready, 0 have the new template" + waits},
		"it is ready":                   {"StatefulSet", of(2, 2, 0, 2, ordered(0)), []*corev1.Pod{numbered("db-0", "old", ready), numbered("db-1", "old", ready)}, outcome.Progressing, "Progressing", "0 of 2 pods have the new template"},
		"it ends already":               {"StatefulSet", of(2, 1, 0, 0, ordered(0)), []*corev1.Pod{numbered("db-0", "old", ending)}, outcome.Progressing, "Progressing", "0 of 2 pods are ready, 0 have the new template"},
		"a new pod comes before it":     {"StatefulSet", of(2, 2, 1, 0, ordered(0)), []*corev1.Pod{numbered("db-0", "new", nowhere), numbered("db-1", "old")}, outcome.Progressing, "Progressing", "0 of 2 pods are ready, 1 have the new template: Unschedulable: 0/3 nodes"},
		"it is to stay as it is":        {"StatefulSet", of(2, 2, 0, 1, ordered(1)), []*corev1.Pod{numbered("db-0", "old", nowhere), numbered("db-1", "old", ready)}, outcome.Progressing, "Progressing", "1 of 2 pods are ready, 0 have the new template"},
		"all at once, nothing blocks":   {"StatefulSet", of(2, 2, 1, 0), []*corev1.Pod{numbered("db-0", "old", nowhere)}, outcome.Progressing, "Progressing", "0 of 2 pods are ready, 1 have the new template: Unschedulable: 0/3 nodes"},
		"no number, no StatefulSet's":   {"StatefulSet", of(1, 1, 0, 0, ordered(0)), []*corev1.Pod{numbered("db-x", "old")}, outcome.Progressing, "Progressing", "0 of 1 pods are ready, 0 have the new template"},
		"tens are numbers, not letters": {"StatefulSet", of(11, 11, 0, 9, ordered(0)), []*corev1.Pod{numbered("db-10", "old"), numbered("db-0", "old")}, outcome.Progressing, "Progressing", "9 of 11 pods are ready, 0 have the new template" + waits},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := status.Slice(&xosv1.Slice{}, status.SliceInput{
				Kind: test.kind, Namespace: "shop", Workload: test.in, Pods: test.pods, Controller: &xosv1.ControllerReference{Name: "web"},
			})
			assert.Equal(t, test.state, got.State)
			assert.Equal(t, test.reason, got.Reason)
			assert.Equal(t, test.message, got.Message)
		})
	}
}

func TestOnlyAStatefulSetThatGoesByOrderHasARevisionToWaitFor(t *testing.T) {
	read := func(change func(*appsv1.StatefulSetSpec)) (string, int32) {
		s := &appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{Replicas: ptr.To[int32](3)}, Status: appsv1.StatefulSetStatus{UpdateRevision: "new"}}
		change(&s.Spec)
		w := observe.StatefulSet(s)
		return w.UpdateRevision, w.UpdateFrom
	}
	partition := func(s *appsv1.StatefulSetSpec) {
		s.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{Partition: ptr.To[int32](1)}
	}
	for sentence, test := range map[string]struct {
		change   func(*appsv1.StatefulSetSpec)
		revision string
		from     int32
	}{
		"in order":              {func(*appsv1.StatefulSetSpec) {}, "new", 0},
		"all at once":           {func(s *appsv1.StatefulSetSpec) { s.PodManagementPolicy = appsv1.ParallelPodManagement }, "", 0},
		"from a number on":      {partition, "new", 1},
		"numbers begin at five": {func(s *appsv1.StatefulSetSpec) { partition(s); s.Ordinals = &appsv1.StatefulSetOrdinals{Start: 5} }, "new", 6},
		"when deleted":          {func(s *appsv1.StatefulSetSpec) { s.UpdateStrategy.Type = appsv1.OnDeleteStatefulSetStrategyType }, "new", 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			revision, from := read(test.change)
			assert.Equal(t, test.revision, revision)
			assert.Equal(t, test.from, from)
		})
	}
}
