package integration

import (
	"context"
	"fmt"
	"strings"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// kindsOfControllers are all that a slice can ask for.
var kindsOfControllers = []string{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"}

// unscheduled keeps pods from ever being run, so that a test can play the
// kubelet.
const unscheduled = "schedulerName: nobody"

// nameFor is the name of the slice of a kind, and of its controller.
func nameFor(kind string) string { return "of-" + strings.ToLower(kind) }

// sliceOf is a slice of a kind. Further fields are those of its pods' spec and
// of its own.
func sliceOf(kind, pod, more string) string {
	pod += "\n      restartPolicy: Always"
	switch kind {
	case "Job", "CronJob":
		pod = strings.ReplaceAll(pod, "Always", "Never")
	case "DaemonSet":
	default:
		more += "\n  controllerReplicaCount: 2"
	}
	if kind == "CronJob" {
		more += "\n  schedule: 0 3 * * *"
	}
	return fmt.Sprintf(`
kind: Slice
metadata: {name: %s}
spec:
  trustDomain: $domain
  controllerKind: %s
  %s
  template:
    spec:
      %s
      containers: [{name: main, image: registry.example/web:1, resources: {limits: {cpu: 2}}}]
`, nameFor(kind), kind, more, pod)
}

// workload is the controller of the slice of a kind.
func (s *env) workload(kind string) *unstructured.Unstructured {
	s.Helper()
	resource := schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: strings.ToLower(kind) + "s"}
	if kind == "Job" || kind == "CronJob" {
		resource.Group = "batch"
	}
	client := s.Dynamic.Resource(resource).Namespace(s.domain)
	return testkit.Await(s, func(ctx context.Context, name string, opts metav1.GetOptions) (*unstructured.Unstructured, error) {
		return client.Get(ctx, name, opts)
	}, nameFor(kind), nil)
}

// podsOf are the pods of the slice of a kind that have not ended.
func (s *env) podsOf(kind string) []corev1.Pod {
	s.Helper()
	list, err := s.pods().List(s.Context(), metav1.ListOptions{
		LabelSelector: xosv1.SliceLabel + "=" + nameFor(kind), FieldSelector: "status.phase!=Succeeded,status.phase!=Failed",
	})
	require.NoError(s, err)
	return list.Items
}

// startRun starts a job of the CronJob slice's, as "kubectl create job --from"
// does.
func (s *env) startRun(name string) *batchv1.Job {
	s.Helper()
	from := testkit.Await(s, s.kube.BatchV1().CronJobs(s.domain).Get, nameFor("CronJob"), nil)
	job, err := s.kube.BatchV1().Jobs(s.domain).Create(s.Context(), &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Labels: from.Spec.JobTemplate.Labels,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(from, batchv1.SchemeGroupVersion.WithKind("CronJob"))},
		},
		Spec: from.Spec.JobTemplate.Spec,
	}, metav1.CreateOptions{})
	require.NoError(s, err)
	return job
}

// play has the pods of the slice of a kind show what a kubelet would: each gets
// this status. There have to be some.
func (s *env) play(kind string, status corev1.PodStatus) {
	s.Helper()
	s.awaitPods(kind, true)
	for _, pod := range s.podsOf(kind) {
		pod.Status = status
		_, err := s.pods().UpdateStatus(s.Context(), &pod, metav1.UpdateOptions{})
		require.NoError(s, err)
	}
}
