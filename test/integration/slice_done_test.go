package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// TestAJobThatTheClusterDeletesIsDone has the cluster take a Job away once it has ended,
// as it does with one that a policy has given a time to live.
func TestAJobThatTheClusterDeletesIsDone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		phase corev1.PodPhase
		check func(*env)
	}{
		"which has completed": {corev1.PodSucceeded, func(s *env) {
			s.awaitReady("Slice", nameFor("Job"), func(c metav1.Condition) bool {
				return c.Status == metav1.ConditionTrue && c.Message == "the Job has completed, and was deleted as its ttlSecondsAfterFinished says"
			})
		}},
		"which has failed": {corev1.PodFailed, func(s *env) {
			s.unready("Slice", nameFor("Job"), xosv1.ReasonFailed, "the Job failed, and was deleted as its ttlSecondsAfterFinished says", "BackoffLimitExceeded")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sameNamespace(t)
			jobs := s.kube.BatchV1().Jobs(s.domain)
			s.apply(sliceOf("Job", unscheduled, ""))
			first := s.workload("Job")
			_, err := jobs.Patch(t.Context(), nameFor("Job"), types.MergePatchType, []byte(`{"spec":{"ttlSecondsAfterFinished":0,"backoffLimit":0}}`), metav1.PatchOptions{})
			require.NoError(t, err)
			s.play("Job", corev1.PodStatus{Phase: test.phase})
			testkit.AwaitGone(s, jobs.Get, nameFor("Job"))
			test.check(s)
			s.settled(0)
			list, err := jobs.List(t.Context(), metav1.ListOptions{})
			require.NoError(t, err)
			require.Empty(t, list.Items)

			s.apply(sliceOf("Job", unscheduled+"\n      hostname: other", ""))
			require.NotEqual(t, first.GetUID(), s.workload("Job").GetUID(), "another job is asked for")
		})
	}
}

// TestAJobThatAUserDeletesIsRecreated distinguishes a lost Job from a finished one.
func TestAJobThatAUserDeletesIsRecreated(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(sliceOf("Job", unscheduled, ""))
	first := s.workload("Job")
	s.play("Job", corev1.PodStatus{Phase: corev1.PodSucceeded})
	s.ready("Slice", nameFor("Job"))
	background := metav1.DeletePropagationBackground
	jobs := s.kube.BatchV1().Jobs(s.domain)
	require.NoError(t, jobs.Delete(t.Context(), nameFor("Job"), metav1.DeleteOptions{PropagationPolicy: &background}))
	testkit.Await(s, jobs.Get, nameFor("Job"), func(j *batchv1.Job) bool { return j.UID != first.GetUID() })
}
