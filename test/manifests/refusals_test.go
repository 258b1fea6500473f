package manifests

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// canary is a value that no condition, inventory or event may show.
const canary = inprocess.Canary

// job is a blob of a ConfigMap and a Job, which has a secret in its environment.
func job(image, level string) string {
	return `
apiVersion: v1
kind: ConfigMap
metadata: {name: release}
data: {level: ` + level + `}
---
apiVersion: batch/v1
kind: Job
metadata: {name: prepare}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: prepare, image: "` + image + `", env: [{name: DATABASE_URL, value: "postgres://shop:` + canary + `@db/shop"}]}]
---
`
}

func TestAJobsTemplateThatChangesIsRefusedWithoutItsValues(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	configs := s.kube.CoreV1().ConfigMaps(s.domain).Get
	const old = "{apiVersion: v1, kind: ConfigMap, metadata: {name: old}}\n"
	change := func() {
		s.apply("blob", job("example.org/prepare:1", "info")+old)
		s.ready("blob")
		s.apply("blob", job("example.org/prepare:2", "debug"))
		i := s.unready("blob", xosv1.ReasonInvalid, "Job $domain/prepare", "spec.template: invalid, field is immutable",
			"take the change back, give the object another name, or delete it", "the other one went well")
		require.True(t, meta.IsStatusConditionTrue(i.Status.Conditions, xosv1.ConditionStalled))
		require.Less(t, len(describe(i)), 2000)
		require.NotContains(t, describe(i), canary)
		testkit.Await(t, configs, "release", func(c *corev1.ConfigMap) bool { return c.Data["level"] == "debug" })
		testkit.Await(t, configs, "old", nil) // nothing is pruned before all is applied
		s.noneInEvents(canary)
	}
	change()
	s.apply("blob", job("example.org/prepare:1", "debug"))
	s.ready("blob")
	testkit.Absent(t, configs, "old")

	change()
	background := metav1.DeletePropagationBackground
	require.NoError(t, s.kube.BatchV1().Jobs(s.domain).Delete(t.Context(), "prepare", metav1.DeleteOptions{PropagationPolicy: &background}))
	s.ready("blob")
	testkit.Await(t, s.kube.BatchV1().Jobs(s.domain).Get, "prepare", func(j *batchv1.Job) bool {
		return j.Spec.Template.Spec.Containers[0].Image == "example.org/prepare:2"
	})
}

// noneInEvents asserts that no event in the environment's namespace has a text in it.
func (s *env) noneInEvents(text string) {
	s.Helper()
	events, err := s.kube.EventsV1().Events(s.domain).List(s.Context(), metav1.ListOptions{})
	require.NoError(s, err)
	for _, e := range events.Items {
		require.NotContains(s, e.Note, text)
	}
}

// demandsCostCentre is a policy on new ConfigMaps and Deployments in the environment's
// namespace. It returns how to take it back.
func (s *env) demandsCostCentre() (lift func()) {
	s.Helper()
	policies, bindings := s.kube.AdmissionregistrationV1().ValidatingAdmissionPolicies(), s.kube.AdmissionregistrationV1().ValidatingAdmissionPolicyBindings()
	fail := admissionv1.Fail
	policy := &admissionv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: s.domain}}
	policy.Spec.FailurePolicy = &fail
	policy.Spec.Validations = []admissionv1.Validation{{
		Expression: "has(object.metadata.labels) && 'cost-centre' in object.metadata.labels", Message: "every object needs the label cost-centre",
	}}
	policy.Spec.MatchConstraints = &admissionv1.MatchResources{ResourceRules: []admissionv1.NamedRuleWithOperations{{
		RuleWithOperations: admissionv1.RuleWithOperations{
			Operations: []admissionv1.OperationType{admissionv1.Create},
			Rule:       admissionv1.Rule{APIGroups: []string{"", "apps"}, APIVersions: []string{"v1"}, Resources: []string{"configmaps", "deployments"}},
		},
	}}}
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: s.domain}}
	binding.Spec.PolicyName = s.domain
	binding.Spec.ValidationActions = []admissionv1.ValidationAction{admissionv1.Deny}
	binding.Spec.MatchResources = &admissionv1.MatchResources{NamespaceSelector: &metav1.LabelSelector{
		MatchLabels: map[string]string{corev1.LabelMetadataName: s.domain},
	}}
	_, err := policies.Create(s.Context(), policy, metav1.CreateOptions{})
	require.NoError(s, err)
	_, err = bindings.Create(s.Context(), binding, metav1.CreateOptions{})
	require.NoError(s, err)
	lift = func() {
		for _, err := range []error{
			bindings.Delete(context.Background(), s.domain, metav1.DeleteOptions{}), policies.Delete(context.Background(), s.domain, metav1.DeleteOptions{}),
		} {
			if err != nil && !apierrors.IsNotFound(err) {
				s.Errorf("take the policy back: %v", err)
			}
		}
	}
	s.Cleanup(lift)
	probe := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "probe"}}
	plane.Wait(s, testkit.Timeout, func(ctx context.Context) (bool, string) {
		_, err := s.kube.CoreV1().ConfigMaps(s.domain).Create(ctx, probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return apierrors.IsInvalid(err), fmt.Sprint(err)
	})
	return lift
}

func TestWhatAPolicyDeniesGoesOnOnceThePolicyIsGone(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	lift := s.demandsCostCentre()
	replicas := int32(1)
	slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Name: "web"}}
	slice.Spec.ControllerKind, slice.Spec.ControllerReplicaCount = xosv1.ControllerKindDeployment, &replicas
	slice.Spec.Template = &xosv1.PodTemplate{}
	slice.Spec.Template.Spec.Containers = []corev1.Container{{Name: "web", Image: "registry.k8s.io/pause:3.10"}}
	config := &xosv1.KubernetesConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "colors"}}
	_, err := s.xos.XosV1().Slices(s.domain).Create(t.Context(), slice, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = s.xos.XosV1().KubernetesConfigMaps(s.domain).Create(t.Context(), config, metav1.CreateOptions{})
	require.NoError(t, err)
	s.apply("blob", settings)

	denied := func(o xosv1.Object) bool {
		c := meta.FindStatusCondition(o.GetObjectStatus().Conditions, xosv1.ConditionReady)
		return c != nil && c.Reason == xosv1.ReasonForbidden && strings.Contains(c.Message, "every object needs the label cost-centre")
	}
	ready := func(o xosv1.Object) bool {
		return meta.IsStatusConditionTrue(o.GetObjectStatus().Conditions, xosv1.ConditionReady)
	}
	for _, want := range []func(xosv1.Object) bool{denied, ready} {
		testkit.Await(t, s.xos.XosV1().Slices(s.domain).Get, "web", func(o *xosv1.Slice) bool { return want(o) })
		testkit.Await(t, s.xos.XosV1().KubernetesConfigMaps(s.domain).Get, "colors", func(o *xosv1.KubernetesConfigMap) bool { return want(o) })
		testkit.Await(t, s.xos.XosV1().KubernetesResourceInstances(s.domain).Get, "blob", func(o instance) bool { return want(o) })
		lift()
	}
}

func TestWhatAnApplyCantTakeInIsInvalid(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	metrics := func(env, ports string) string {
		return `
apiVersion: v1
kind: ConfigMap
metadata: {name: metrics}
data: {interval: 30s}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: metrics}
spec:
  selector: {matchLabels: {app: metrics}}
  template:
    metadata: {labels: {app: metrics}}
    spec: {containers: [{name: metrics, image: "registry.k8s.io/pause:3.10", env: [{name: LEVEL, value: info}` + env + `], ports: [{name: http, containerPort: 8080}` + ports + `]}]}
`
	}
	mark := s.manager.Mark()
	s.apply("metrics", metrics(", {name: LEVEL, value: "+canary+"}", ", {name: http-metrics, containerPort: 8080}"))
	s.apply("flags", "{apiVersion: v1, kind: ConfigMap, metadata: {name: flags}, data: {port: 8080, enabled: true}}")
	for name, words := range map[string][]string{
		"metrics": {"Deployment $domain/metrics", "env: there twice, name LEVEL", "ports: there twice, containerPort 8080, protocol TCP", "the other one went well"},
		"flags":   {"ConfigMap $domain/flags", "data.enabled: expected string", "data.port: expected string: put it in quotes"},
	} {
		i := s.unready(name, xosv1.ReasonInvalid, words...)
		require.True(t, meta.IsStatusConditionTrue(i.Status.Conditions, xosv1.ConditionStalled))
		require.NotContains(t, describe(i), canary)
	}
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "metrics", nil)

	// Three pauses, each twice the one before: it is not hammered.
	plane.Wait(t, testkit.Timeout, func(context.Context) (bool, string) {
		tries := s.manager.Since(mark).In(s.domain).Of("apply", "deployments")
		for i := 1; i < min(len(tries), 4); i++ {
			require.GreaterOrEqual(t, tries[i].Time.Sub(tries[i-1].Time), time.Second<<(i-1)-100*time.Millisecond)
		}
		return len(tries) >= 4, "tries are awaited"
	})
	require.Len(t, inTime(s.manager.Since(mark)).In(s.domain).To("kubernetesresourceinstances/status").Named("metrics"), 1, "the same refusal is reported once")
	s.apply("metrics", metrics("", ""))
	s.ready("metrics")
}
