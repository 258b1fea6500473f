package pull_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

func (w *env) slice(name string, check func(*xosv1.Slice) error) *xosv1.Slice {
	w.Helper()
	var found *xosv1.Slice
	w.eventually(func(ctx context.Context) error {
		s, err := w.xos.Slices(w.namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		found = s
		return check(s)
	})
	return found
}

func replicas(n int32) func(*xosv1.Slice) error {
	return func(s *xosv1.Slice) error {
		if s.Status.Replicas != n || s.Status.ReadyReplicas != n {
			return fmt.Errorf("%d replicas, %d ready", s.Status.Replicas, s.Status.ReadyReplicas)
		}
		return nil
	}
}

func TestADeploymentBecomesASliceWithAllThatItDependsOn(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	d := w.deployment(2, image, "sidecar@sha256:"+sixtyFour)
	s := w.slice("web", replicas(2))
	assert.Equal(t, "Deployment", s.Spec.ControllerKind)
	assert.Equal(t, w.namespace, s.Spec.TrustDomain)
	assert.Equal(t, "default", s.Spec.Principal)
	assert.Equal(t, &xosv1.ControllerReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web", UID: d.UID}, s.Status.Controller)

	list, err := w.instances().List(t.Context(), metav1.ListOptions{FieldSelector: "spec.slice=web"})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)
	i := list.Items[0]
	assert.False(t, xosv1.IsManaged(&i))
	assert.Empty(t, i.Finalizers, "there is nothing to wait for without a broker")
	assert.Len(t, i.Status.Containers, 2)
	assert.Equal(t, "Inventoried", i.Status.Conditions[0].Reason)

	found, err := w.xos.Images().Get(t.Context(), i.Spec.Image, metav1.GetOptions{})
	require.NoError(t, err)
	assert.Equal(t, "registry.example.org:5000/team/web", found.Spec.Name)
	assert.Equal(t, "1.2", found.Spec.Tag)
	domain, err := w.xos.TrustDomains().Get(t.Context(), w.namespace, metav1.GetOptions{})
	require.NoError(t, err)
	assert.False(t, xosv1.IsManaged(domain))
	_, err = w.xos.Principals(w.namespace).Get(t.Context(), "default", metav1.GetOptions{})
	require.NoError(t, err)
}

const sixtyFour = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestScalingDownEndsInstancesAndKeepsTheSlice(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	d := w.deployment(2, image)
	w.slice("web", replicas(2))
	scale := func(n int32) {
		_, err := w.kubernetes.AppsV1().Deployments(w.namespace).UpdateScale(t.Context(), "web",
			&autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: w.namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: n}}, metav1.UpdateOptions{})
		require.NoError(t, err)
	}
	scale(1)
	w.slice("web", replicas(1))
	w.soleInstance(running)
	scale(0)
	w.slice("web", replicas(0))
	require.NoError(t, w.kubernetes.AppsV1().Deployments(w.namespace).Delete(t.Context(), d.Name, metav1.DeleteOptions{}))
	w.sliceGone("web")
}

func TestAJobOfACronJobIsOfTheCronJobsSlice(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	spec := podSpec(image)
	spec.RestartPolicy = corev1.RestartPolicyNever
	cron, err := w.kubernetes.BatchV1().CronJobs(w.namespace).Create(t.Context(), &batchv1.CronJob{
		ObjectMeta: metav1.ObjectMeta{Name: "nightly"},
		Spec: batchv1.CronJobSpec{Schedule: "0 0 1 1 *", JobTemplate: batchv1.JobTemplateSpec{
			Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: spec}},
		}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = w.kubernetes.BatchV1().Jobs(w.namespace).Create(t.Context(), &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: "nightly-1", OwnerReferences: []metav1.OwnerReference{
			*metav1.NewControllerRef(cron, batchv1.SchemeGroupVersion.WithKind("CronJob")),
		}},
		Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: spec}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	w.soleInstance(func(i *xosv1.KubernetesServiceInstance) error {
		if i.Spec.Slice != "nightly" {
			return fmt.Errorf("slice %q", i.Spec.Slice)
		}
		return nil
	})
	s := w.slice("nightly", func(*xosv1.Slice) error { return nil })
	assert.Equal(t, "CronJob", s.Spec.ControllerKind)
}

func TestABarePodHasNoSlice(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	w.pod("alone", "nginx")
	i := w.instance("alone", running)
	assert.Empty(t, i.Spec.Slice)
	found, err := w.xos.Images().Get(t.Context(), i.Spec.Image, metav1.GetOptions{})
	require.NoError(t, err)
	assert.Empty(t, found.Spec.Tag, "no tag is invented")
	slices, err := w.xos.Slices(w.namespace).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	assert.Empty(t, slices.Items)
}

func TestTheLabelOverridesTheSlicesName(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	w.deployment(1, image)
	w.slice("web", replicas(1))
	_, err := w.kubernetes.AppsV1().Deployments(w.namespace).Patch(t.Context(), "web", "application/merge-patch+json",
		[]byte(`{"metadata":{"labels":{"xos_slice_name":"front"}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	w.slice("front", replicas(1))
	w.sliceGone("web")
}

func TestTwoControllersOfOneNameGetTwoSlices(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	w.deployment(1, image)
	w.slice("web", replicas(1))
	labels := map[string]string{"app": "other"}
	spec := template(image)
	spec.Labels = labels
	_, err := w.kubernetes.AppsV1().StatefulSets(w.namespace).Create(t.Context(), &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.StatefulSetSpec{Replicas: ptr.To[int32](1), ServiceName: "web", Template: spec,
			Selector: &metav1.LabelSelector{MatchLabels: labels}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	s := w.slice("web-statefulset", replicas(1))
	assert.Equal(t, "StatefulSet", s.Spec.ControllerKind)
	w.slice("web", replicas(1))
}

func TestAnOwnerOfAnUnknownKindIsASlice(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	// A custom resource that controls pods itself, as operators' do, and that the
	// manager may not read.
	fleet := w.fleet("led")
	i := w.instance("led-0", running)
	assert.Equal(t, fleet.GetName(), i.Spec.Slice)
	s := w.slice("led", replicas(1))
	assert.Equal(t, "Fleet", s.Spec.ControllerKind)
}

func TestANamespaceLeavesNothingBehind(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	w.deployment(1, "only-here:"+w.namespace)
	i := w.soleInstance(b.told)
	require.NoError(t, w.kubernetes.CoreV1().Namespaces().Delete(t.Context(), w.namespace, metav1.DeleteOptions{}))
	w.gone(func(ctx context.Context) error {
		_, err := w.kubernetes.CoreV1().Namespaces().Get(ctx, w.namespace, metav1.GetOptions{})
		return err
	})
	w.gone(func(ctx context.Context) error {
		_, err := w.xos.TrustDomains().Get(ctx, w.namespace, metav1.GetOptions{})
		return err
	})
	w.gone(func(ctx context.Context) error {
		_, err := w.xos.Images().Get(ctx, i.Spec.Image, metav1.GetOptions{})
		return err
	})
	b.statuses(i.Status.PodUID, "created", "deleted")
}

func TestWhatIsNotSelectedAnyMoreGoesWithoutAnEvent(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	pod := w.pod("web", image)
	w.instance("web", b.told)
	w.patchPod("web", `{"metadata":{"labels":{"other":"true"}}}`)
	w.setPull(xosv1.PullSpec{ExcludeNamespaces: []string{w.namespace}})
	w.instanceGone("web")
	w.selectOnly(w.namespace)
	w.instance("web", b.told)
	w.deletePod("web")
	w.instanceGone("web")
	b.statuses(pod.UID, "created", "deleted")
}

func TestAtRestNothingIsWritten(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	first := w.start(pull.Options{Log: b.log()})
	w.deployment(2, image)
	w.slice("web", replicas(2))
	w.eventually(func(ctx context.Context) error {
		list, err := w.instances().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for i := range list.Items {
			if err := b.told(&list.Items[i]); err != nil {
				return err
			}
		}
		return nil
	})
	first.Stop()
	// A second process reads everything again, and is done when it has published a
	// pod that came last.
	second := w.start(pull.Options{Log: b.log()})
	w.pod("last", image)
	w.instance("last", b.told)
	second.Stop()
	written := second.Since(0).Writes()
	assert.Equal(t, []string{"create kubernetesserviceinstances last"}, written.Where(func(r transport.Request) bool {
		return r.Resource != "kubernetesnodes/status" && (r.Name != "last" || r.Verb == "create") // its node counts it
	}).Lines(), "nothing but the last pod's record")
}
