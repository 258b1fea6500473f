package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

func TestASliceThatChangesItsKindHasTheOldControllerGoneFirst(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice + "  controllerReplicaCount: 1\n")
	s.ready("Slice", "web")
	mark := s.manager.Mark()
	s.apply(`
kind: Slice
metadata: {name: web}
spec:
  trustDomain: $domain
  controllerKind: StatefulSet
  controllerReplicaCount: 1
  template: {spec: {containers: [{name: main, image: registry.example/web:1}]}}
`)
	testkit.Await(s, s.kube.AppsV1().StatefulSets(s.domain).Get, "web", nil)
	testkit.AwaitGone(s, s.kube.AppsV1().Deployments(s.domain).Get, "web")
	s.ready("Slice", "web")
	left, err := s.pods().List(t.Context(), metav1.ListOptions{LabelSelector: appsv1.DefaultDeploymentUniqueLabelKey})
	require.NoError(t, err)
	require.Empty(t, left.Items, "pods of the old controller and of the new one never run side by side")
	require.True(t, s.sent(mark).Of("delete", "deployments")[0].Time.Before(s.sent(mark).Of("create", "statefulsets")[0].Time))

	s.apply("kind: Slice\nmetadata: {name: web}\nspec: {trustDomain: $domain}\n")
	testkit.AwaitGone(s, s.kube.AppsV1().StatefulSets(s.domain).Get, "web")
	s.ready("Slice", "web")
	status := s.slice("web").Status
	require.Equal(t, xosv1.SliceStatus{ObjectStatus: status.ObjectStatus}, status, "nothing is left of the controller")
}

func TestAnImmutableFieldIsReportedOrTheControllerReplaced(t *testing.T) {
	t.Parallel()
	claim := "volumeClaimTemplates: [{name: data, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: %s}}}}]"
	for field, test := range map[string]struct {
		kind, before, after, message string
	}{
		"a Job's template": {
			"Job", sliceOf("Job", unscheduled, ""), sliceOf("Job", unscheduled+"\n      hostname: other", ""),
			"spec.template can't be changed in a Job",
		},
		"a StatefulSet's volume claims": {
			"StatefulSet", sliceOf("StatefulSet", unscheduled, fmt.Sprintf(claim, "1Gi")), sliceOf("StatefulSet", unscheduled, fmt.Sprintf(claim, "2Gi")),
			"spec.serviceName and spec.volumeClaimTemplates can't be changed in a StatefulSet",
		},
		"a StatefulSet's service": {
			"StatefulSet", sliceOf("StatefulSet", unscheduled, "serviceName: one"), sliceOf("StatefulSet", unscheduled, "serviceName: two"),
			"spec.serviceName and spec.volumeClaimTemplates can't be changed in a StatefulSet",
		},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			s := sameNamespace(t)
			s.apply(test.before)
			first := s.workload(test.kind).GetUID()
			s.awaitPods(test.kind, true)

			s.apply(test.after)
			s.unready("Slice", nameFor(test.kind), xosv1.ReasonInvalid, test.message, "take the change back, or set spec.immutableFieldPolicy to Recreate")
			require.Equal(t, metav1.ConditionTrue, s.condition("Slice", nameFor(test.kind), xosv1.ConditionStalled))
			require.Equal(t, first, s.workload(test.kind).GetUID())

			// One way out: the change is taken back.
			s.apply(test.before)
			s.unready("Slice", nameFor(test.kind), xosv1.ReasonProgressing, "pods are ready")
			require.Equal(t, first, s.workload(test.kind).GetUID())

			// The other one: the controller is made again.
			mark := s.manager.Mark()
			s.apply(test.after + "  immutableFieldPolicy: Recreate\n")
			s.until("another "+test.kind, func() bool { return s.workload(test.kind).GetUID() != first })
			for _, written := range s.sent(mark).To("slices/status") {
				require.NotContains(t, string(written.Body), xosv1.ConditionStalled, "no user has to act")
			}
			s.unready("Slice", nameFor(test.kind), xosv1.ReasonProgressing, "pods are ready")
			s.awaitPods(test.kind, true)
		})
	}
}

func TestAnAdoptedSelectorIsReportedOrItsControllerReplaced(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	labels := map[string]string{"app": "web"}
	deployments := s.kube.AppsV1().Deployments(s.domain)
	theirs, err := deployments.Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "registry.example/web:1"}}},
			},
		},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	s.apply(webSlice + "  adopt: IfUnowned\n")
	s.unready("Slice", "web", xosv1.ReasonConflict, ".spec.selector", "leave them out of the spec")
	s.apply("kind: Slice\nmetadata: {name: web}\nspec: {trustDomain: $domain, controllerKind: Deployment, adopt: IfUnowned}\n")
	s.ready("Slice", "web")
	s.apply(webSlice + "  adopt: IfUnowned\n")
	s.unready("Slice", "web", xosv1.ReasonInvalid, "the selector of its pods, which comes with spec.template, can't be changed in a Deployment",
		"take the change back, or set spec.immutableFieldPolicy to Recreate")
	require.Equal(t, theirs.UID, s.deployment("web", nil).UID)
	s.apply(webSlice + "  adopt: IfUnowned\n  immutableFieldPolicy: Recreate\n")
	s.deployment("web", func(d *appsv1.Deployment) bool { return d.UID != theirs.UID && d.Status.ReadyReplicas == 1 })
	s.ready("Slice", "web")
}

func TestAChangeOfWhatIsMountedRollsThePodsWhereTheSliceAsksForIt(t *testing.T) {
	t.Parallel()
	for kind, content := range map[string]string{
		"a config map": `
kind: KubernetesConfigMap
metadata: {name: settings}
spec: {trustDomain: $domain, data: {color: %s}}
---
kind: KubernetesConfigVolumeMount
metadata: {name: settings}
spec: {slice: web, configMap: settings, mountPath: /etc/settings}
---`,
		"a secret": `
kind: KubernetesSecret
metadata: {name: settings}
spec: {trustDomain: $domain, stringData: {color: %s}}
---
kind: KubernetesSecretVolumeMount
metadata: {name: settings}
spec: {slice: web, secret: settings, mountPath: /etc/settings}
---`,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := sameNamespace(t)
			with := func(content, rollout string) string {
				return content + webSlice + "  controllerReplicaCount: 1\n  rolloutOnChange: " + rollout + "\n"
			}
			s.apply(with(fmt.Sprintf(content, "blue"), "true"))
			before := s.deployment("web", func(d *appsv1.Deployment) bool { return revision(d) != "" && d.Status.ReadyReplicas == 1 })
			s.apply(with(fmt.Sprintf(content, "red"), "true"))
			after := s.deployment("web", func(d *appsv1.Deployment) bool { return revision(d) != revision(before) })
			s.until("the pod is new", func() bool {
				pods, err := s.pods().List(t.Context(), metav1.ListOptions{LabelSelector: xosv1.SliceLabel + "=web"})
				return err == nil && len(pods.Items) == 1 && pods.Items[0].Annotations[xosv1.RevisionAnnotation] == revision(after)
			})

			s.apply(with("", "false"))
			after = s.deployment("web", func(d *appsv1.Deployment) bool { return revision(d) == "" })
			mark := s.manager.Mark()
			s.apply(with(fmt.Sprintf(content, "green"), "false"))
			require.Empty(t, s.settled(mark).To("deployments").Writes().Lines(), "it is not asked for")
			require.Equal(t, after.Spec, s.deployment("web", nil).Spec)
		})
	}
}

// revision is the annotation of what is mounted into the pods of a slice's Deployment.
func revision(d *appsv1.Deployment) string {
	return d.Spec.Template.Annotations[xosv1.RevisionAnnotation]
}
