package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

func TestRefusedPodsAreReportedForEveryController(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		forbid func(*env)
		allow  func(*env)
		words  []string
	}{
		"by a quota": {(*env).allowNoPods, (*env).allowPods, []string{"pods: forbidden: exceeded quota: no-pods"}},
		"by Pod Security": {
			func(s *env) { s.demand("restricted") }, func(s *env) { s.demand("privileged") },
			[]string{`pods: forbidden: violates PodSecurity "restricted:latest"`, "allowPrivilegeEscalation != false", `container "main"`},
		},
		"by a LimitRange": {(*env).allowSmallPods, (*env).allowLargePods, []string{"pods: forbidden: maximum cpu usage per Container is 1, but limit is 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sameNamespace(t)
			test.forbid(s)
			for _, kind := range kindsOfControllers {
				s.apply(sliceOf(kind, "", ""))
			}
			s.startRun("by-hand")
			for _, kind := range kindsOfControllers {
				s.unready("Slice", nameFor(kind), xosv1.ReasonFailed, append(test.words, kind+": ")...)
			}
			test.allow(s) // the Events of before are still there
			for _, kind := range kindsOfControllers {
				s.ready("Slice", nameFor(kind))
			}
		})
	}
}

func (s *env) allowNoPods() {
	s.Helper()
	quotas := s.kube.CoreV1().ResourceQuotas(s.domain)
	_, err := quotas.Create(s.Context(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "no-pods"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}},
	}, metav1.CreateOptions{})
	require.NoError(s, err)
	testkit.Await(s, quotas.Get, "no-pods", func(q *corev1.ResourceQuota) bool { return q.Status.Hard != nil })
}

func (s *env) allowPods() {
	s.Helper()
	require.NoError(s, s.kube.CoreV1().ResourceQuotas(s.domain).Delete(s.Context(), "no-pods", metav1.DeleteOptions{}))
}

// demand has the trust domain demand a level of Pod Security.
func (s *env) demand(level string) {
	s.Helper()
	s.apply("kind: TrustDomain\nmetadata: {name: $domain}\nspec: {podSecurity: " + level + "}\n")
	testkit.Await(s, s.namespaces().Get, s.domain, func(n *corev1.Namespace) bool {
		return n.Labels["pod-security.kubernetes.io/enforce"] == level
	})
}

func (s *env) allowSmallPods() {
	s.Helper()
	_, err := s.kube.CoreV1().LimitRanges(s.domain).Create(s.Context(), &corev1.LimitRange{
		ObjectMeta: metav1.ObjectMeta{Name: "small"},
		Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
			Type: corev1.LimitTypeContainer, Max: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")},
		}}},
	}, metav1.CreateOptions{})
	require.NoError(s, err)
}

func (s *env) allowLargePods() {
	s.Helper()
	require.NoError(s, s.kube.CoreV1().LimitRanges(s.domain).Delete(s.Context(), "small", metav1.DeleteOptions{}))
}

func TestAMissingImageIsReportedForEveryController(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	for _, kind := range kindsOfControllers {
		s.apply(sliceOf(kind, unscheduled, ""))
	}
	s.startRun("by-hand")
	for _, kind := range kindsOfControllers {
		s.play(kind, corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{{
			Name: "main", Image: "registry.example/web:1", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
				Reason: "ErrImagePull", Message: "registry.example/web:1: not found",
			}},
		}}})
		s.unready("Slice", nameFor(kind), xosv1.ReasonProgressing, "container main: ErrImagePull: registry.example/web:1: not found")
	}
}

func TestAFailedJobIsReported(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(sliceOf("Job", unscheduled, ""))
	s.workload("Job")
	s.failOnce(nameFor("Job"))
	s.play("Job", corev1.PodStatus{Phase: corev1.PodFailed})
	s.unready("Slice", nameFor("Job"), xosv1.ReasonFailed, "Job failed: BackoffLimitExceeded: Job has reached the specified backoff limit")
	require.Equal(t, metav1.ConditionTrue, s.condition("Slice", nameFor("Job"), xosv1.ConditionStalled))
}

func TestAFailedRunOfACronJobIsReportedUntilOneSucceeds(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(sliceOf("CronJob", unscheduled, ""))
	s.ready("Slice", nameFor("CronJob"))
	s.failOnce(s.startRun("first").Name)
	s.play("CronJob", corev1.PodStatus{Phase: corev1.PodFailed})
	s.unready("Slice", nameFor("CronJob"), xosv1.ReasonFailed, "CronJob: its latest job to end, first, failed: BackoffLimitExceeded")
	s.startRun("second")
	s.play("CronJob", corev1.PodStatus{Phase: corev1.PodSucceeded})
	s.ready("Slice", nameFor("CronJob"))
}

// failOnce has a job fail with its first pod, which a slice leaves open.
func (s *env) failOnce(job string) {
	s.Helper()
	_, err := s.kube.BatchV1().Jobs(s.domain).Patch(s.Context(), job, types.MergePatchType, []byte(`{"spec":{"backoffLimit":0}}`), metav1.PatchOptions{})
	require.NoError(s, err)
}

func TestACronJobReportsWhyItCannotStartJobs(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	_, err := s.kube.CoreV1().ResourceQuotas(s.domain).Create(t.Context(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "no-jobs"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/jobs.batch": resource.MustParse("0")}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	testkit.Await(s, s.kube.CoreV1().ResourceQuotas(s.domain).Get, "no-jobs", func(q *corev1.ResourceQuota) bool { return q.Status.Hard != nil })
	s.apply(`
kind: Slice
metadata: {name: often}
spec:
  trustDomain: $domain
  controllerKind: CronJob
  schedule: "* * * * *"
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: registry.example/often:1}]}}
`)
	// Some job is started at the next full minute.
	s.unready("Slice", "often", xosv1.ReasonFailed, "CronJob: jobs.batch: forbidden: exceeded quota: no-jobs")
	require.NoError(t, s.kube.CoreV1().ResourceQuotas(s.domain).Delete(t.Context(), "no-jobs", metav1.DeleteOptions{}))
	s.ready("Slice", "often")
	require.NotEmpty(t, testkit.Must(s, s.kube.BatchV1().CronJobs(s.domain).Get, "often").Status.LastScheduleTime)
}
