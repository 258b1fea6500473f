package pull_test

import (
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

const image = "registry.example.org:5000/team/web:1.2"

func podSpec(images ...string) corev1.PodSpec {
	spec := corev1.PodSpec{TerminationGracePeriodSeconds: ptr.To[int64](1)}
	for i, image := range images {
		spec.Containers = append(spec.Containers, corev1.Container{Name: string(rune('a' + i)), Image: image})
	}
	return spec
}

func template(images ...string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
		Spec:       podSpec(images...),
	}
}

func selector() *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}
}

func (w *env) pod(name string, images ...string) *corev1.Pod {
	w.Helper()
	pod, err := w.kubernetes.CoreV1().Pods(w.namespace).Create(w.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"xos_service": "demo"}, Annotations: adoptable()},
		Spec:       podSpec(images...),
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	return pod
}

func (w *env) deployment(replicas int32, images ...string) *appsv1.Deployment {
	w.Helper()
	d, err := w.kubernetes.AppsV1().Deployments(w.namespace).Create(w.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Annotations: adoptable()},
		Spec:       appsv1.DeploymentSpec{Replicas: &replicas, Selector: selector(), Template: template(images...)},
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	return d
}

func (w *env) statefulSet(name string) *appsv1.StatefulSet {
	w.Helper()
	s, err := w.kubernetes.AppsV1().StatefulSets(w.namespace).Create(w.Context(), &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: adoptable()},
		Spec:       appsv1.StatefulSetSpec{Replicas: ptr.To[int32](1), Selector: selector(), Template: template(image), ServiceName: name},
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	return s
}

// theirs are controllers of each kind as another client makes them, each of two
// pods where its kind has a count.
type theirs struct {
	kind, plural string
	make         func(w *env, name string, labels map[string]string) error
}

func (t theirs) resource() schema.GroupVersionResource {
	if t.kind == "Job" || t.kind == "CronJob" {
		return batchv1.SchemeGroupVersion.WithResource(t.plural)
	}
	return appsv1.SchemeGroupVersion.WithResource(t.plural)
}

func (w *env) everyKind() []theirs {
	created := func(_ any, err error) error { return err }
	apps, batch, opts := w.kubernetes.AppsV1(), w.kubernetes.BatchV1(), metav1.CreateOptions{}
	two := ptr.To[int32](2)
	pods := func(labels map[string]string) corev1.PodTemplateSpec {
		return corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: podSpec(image)}
	}
	job := func() batchv1.JobSpec {
		template := pods(nil)
		template.Spec.RestartPolicy = corev1.RestartPolicyNever
		return batchv1.JobSpec{Parallelism: two, Completions: two, Template: template}
	}
	return []theirs{
		{"Deployment", "deployments", func(w *env, name string, labels map[string]string) error {
			return created(apps.Deployments(w.namespace).Create(w.Context(), &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: adoptable()},
				Spec: appsv1.DeploymentSpec{Replicas: two, Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: pods(labels)}}, opts))
		}},
		{"ReplicaSet", "replicasets", func(w *env, name string, labels map[string]string) error {
			return created(apps.ReplicaSets(w.namespace).Create(w.Context(), &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: adoptable()},
				Spec: appsv1.ReplicaSetSpec{Replicas: two, Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: pods(labels)}}, opts))
		}},
		{"StatefulSet", "statefulsets", func(w *env, name string, labels map[string]string) error {
			return created(apps.StatefulSets(w.namespace).Create(w.Context(), &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: adoptable()},
				Spec: appsv1.StatefulSetSpec{Replicas: two, Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: pods(labels), ServiceName: name}}, opts))
		}},
		{"DaemonSet", "daemonsets", func(w *env, name string, labels map[string]string) error {
			return created(apps.DaemonSets(w.namespace).Create(w.Context(), &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: adoptable()},
				Spec: appsv1.DaemonSetSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: pods(labels)}}, opts))
		}},
		{"Job", "jobs", func(w *env, name string, _ map[string]string) error {
			return created(batch.Jobs(w.namespace).Create(w.Context(), &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: adoptable()}, Spec: job()}, opts))
		}},
		{"CronJob", "cronjobs", func(w *env, name string, _ map[string]string) error {
			if err := created(batch.CronJobs(w.namespace).Create(w.Context(), &batchv1.CronJob{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: adoptable()},
				Spec: batchv1.CronJobSpec{Schedule: "0 0 1 1 *", JobTemplate: batchv1.JobTemplateSpec{Spec: job()}}}, opts)); err != nil {
				return err
			}
			return w.run(name)
		}},
	}
}

// run starts a job of a CronJob, as its controller does when the time has come.
func (w *env) run(cronJob string) error {
	batch := w.kubernetes.BatchV1()
	cron, err := batch.CronJobs(w.namespace).Get(w.Context(), cronJob, metav1.GetOptions{})
	if err != nil {
		return err
	}
	_, err = batch.Jobs(w.namespace).Create(w.Context(), &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: cronJob + "-1", OwnerReferences: []metav1.OwnerReference{
			*metav1.NewControllerRef(cron, batchv1.SchemeGroupVersion.WithKind("CronJob")),
		}},
		Spec: cron.Spec.JobTemplate.Spec,
	}, metav1.CreateOptions{})
	return err
}

func (w *env) deletePod(name string) {
	w.Helper()
	require.NoError(w, w.kubernetes.CoreV1().Pods(w.namespace).Delete(w.Context(), name, metav1.DeleteOptions{}))
}

func (w *env) patchPod(name, patch string) {
	w.Helper()
	_, err := w.kubernetes.CoreV1().Pods(w.namespace).Patch(w.Context(), name, "application/merge-patch+json", []byte(patch), metav1.PatchOptions{})
	require.NoError(w, err)
}

// adoptable is the consent of an object's creator to its adoption.
func adoptable() map[string]string { return map[string]string{xosv1.AdoptableAnnotation: "true"} }
