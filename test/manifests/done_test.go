package manifests

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// migration is a blob of a Job that the cluster deletes once it has ended.
func migration(image string, ttl int) string {
	return `
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  ttlSecondsAfterFinished: ` + strconv.Itoa(ttl) + `
  backoffLimit: 0
  template:
    spec:
      schedulerName: nobody
      restartPolicy: Never
      containers: [{name: migrate, image: "` + image + `"}]
`
}

// run plays the end of the pods of a Job.
func (s *env) run(job *batchv1.Job, phase corev1.PodPhase) {
	s.Helper()
	pods := s.kube.CoreV1().Pods(job.Namespace)
	var list *corev1.PodList
	plane.Wait(s, testkit.Timeout, func(ctx context.Context) (bool, string) {
		var err error
		list, err = pods.List(ctx, metav1.ListOptions{LabelSelector: batchv1.ControllerUidLabel + "=" + string(job.UID)})
		return err == nil && len(list.Items) > 0, fmt.Sprintf("there is no pod: %v", err)
	})
	for _, pod := range list.Items {
		pod.Status = corev1.PodStatus{Phase: phase}
		_, err := pods.UpdateStatus(s.Context(), &pod, metav1.UpdateOptions{})
		require.NoError(s, err)
	}
}

func TestAJobOfABlobThatTheClusterDeletesIsDone(t *testing.T) {
	// Not parallel: the manager is stopped.
	s := alone(t)
	jobs := s.kube.BatchV1().Jobs(s.domain)
	s.apply("blob", migration("example.org/migrate:1", 0))
	first := testkit.Await(t, jobs.Get, "migrate", nil)
	s.run(first, corev1.PodSucceeded)
	testkit.AwaitGone(t, jobs.Get, "migrate")
	i := s.until("blob", func(i instance) bool {
		return len(i.Status.Inventory) == 1 && i.Status.Inventory[0].Message == "has ended, and was deleted as its ttlSecondsAfterFinished says"
	})
	require.Equal(t, xosv1.HealthCurrent, i.Status.Inventory[0].Health)
	s.ready("blob")

	s.restart()
	s.apply("blob", migration("example.org/migrate:1", 0), func(i instance) { i.Spec.Prune = ptr.To(true) }) // a new generation
	s.ready("blob")
	list, err := jobs.List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Empty(t, list.Items, "it is remembered by the status")

	s.apply("blob", migration("example.org/migrate:2", 600))
	second := testkit.Await(t, jobs.Get, "migrate", nil)
	s.run(second, corev1.PodFailed)
	s.unready("blob", xosv1.ReasonFailed, "Job $domain/migrate")
	background := metav1.DeletePropagationBackground // as the cluster does in the end
	require.NoError(t, jobs.Delete(t.Context(), "migrate", metav1.DeleteOptions{PropagationPolicy: &background}))
	testkit.AwaitGone(t, jobs.Get, "migrate")
	settled(s, s.manager, 0)
	s.unready("blob", xosv1.ReasonFailed, "Job $domain/migrate")
	testkit.Absent(t, jobs.Get, "migrate")
}
