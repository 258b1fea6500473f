package observe

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// inventoried is the metadata of a workload that another client keeps, before and after
// Reduce.
func inventoried(owners ...metav1.OwnerReference) (before, after metav1.ObjectMeta) {
	after = metav1.ObjectMeta{
		Namespace: "shop", Name: "web", UID: "u1", ResourceVersion: "7", Generation: 3, OwnerReferences: owners,
		Labels:      map[string]string{xosv1.SliceNameLabel: "front"},
		Annotations: map[string]string{xosv1.OwnerAnnotation: "Slice/shop/web/s1"},
	}
	before = *after.DeepCopy()
	before.Labels["app"], before.Annotations["note"] = "web", "x"
	before.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl"}}
	before.Finalizers = []string{"example.com/hold"}
	return before, after
}

var (
	webSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}
	webTemplate = corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Image: "large"}}}}
)

// reads pairs a workload of each kind, with all that is read of its kind, and its reader.
func reads(meta metav1.ObjectMeta) map[string]struct {
	object metav1.Object
	read   func(metav1.Object) Workload
} {
	type entry = struct {
		object metav1.Object
		read   func(metav1.Object) Workload
	}
	return map[string]entry{
		"Deployment": {&appsv1.Deployment{ObjectMeta: meta,
			Spec: appsv1.DeploymentSpec{Replicas: ptr.To[int32](3), Selector: webSelector, Paused: true, Template: webTemplate},
			Status: appsv1.DeploymentStatus{Replicas: 2, UpdatedReplicas: 1, ReadyReplicas: 1, ObservedGeneration: 3,
				Conditions: []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Message: "quota"}}},
		}, func(o metav1.Object) Workload { return Deployment(o.(*appsv1.Deployment)) }},
		"ReplicaSet": {&appsv1.ReplicaSet{ObjectMeta: meta,
			Spec:   appsv1.ReplicaSetSpec{Replicas: ptr.To[int32](3), Selector: webSelector, Template: webTemplate},
			Status: appsv1.ReplicaSetStatus{Replicas: 2, ReadyReplicas: 1, ObservedGeneration: 3},
		}, func(o metav1.Object) Workload { return ReplicaSet(o.(*appsv1.ReplicaSet)) }},
		"StatefulSet": {&appsv1.StatefulSet{ObjectMeta: meta,
			Spec: appsv1.StatefulSetSpec{Replicas: ptr.To[int32](3), Selector: webSelector, Template: webTemplate,
				VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{}}, Ordinals: &appsv1.StatefulSetOrdinals{Start: 4},
				UpdateStrategy: appsv1.StatefulSetUpdateStrategy{RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{Partition: ptr.To[int32](1)}}},
			Status: appsv1.StatefulSetStatus{Replicas: 2, UpdatedReplicas: 1, ReadyReplicas: 1, UpdateRevision: "r2", ObservedGeneration: 3},
		}, func(o metav1.Object) Workload { return StatefulSet(o.(*appsv1.StatefulSet)) }},
		"DaemonSet": {&appsv1.DaemonSet{ObjectMeta: meta,
			Spec:   appsv1.DaemonSetSpec{Selector: webSelector, Template: webTemplate, UpdateStrategy: appsv1.DaemonSetUpdateStrategy{Type: appsv1.OnDeleteDaemonSetStrategyType}},
			Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: 3, CurrentNumberScheduled: 2, UpdatedNumberScheduled: 1, NumberReady: 1, ObservedGeneration: 3},
		}, func(o metav1.Object) Workload { return DaemonSet(o.(*appsv1.DaemonSet)) }},
		"Job": {&batchv1.Job{ObjectMeta: meta,
			Spec:   batchv1.JobSpec{Parallelism: ptr.To[int32](3), Completions: ptr.To[int32](5), Selector: webSelector, Template: webTemplate, TTLSecondsAfterFinished: ptr.To[int32](9)},
			Status: batchv1.JobStatus{Active: 2, Succeeded: 3, Ready: ptr.To[int32](1)},
		}, func(o metav1.Object) Workload { return Job(o.(*batchv1.Job)) }},
		"CronJob": {&batchv1.CronJob{ObjectMeta: meta,
			Spec: batchv1.CronJobSpec{JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: webTemplate}}},
		}, func(o metav1.Object) Workload { return CronJob(o.(*batchv1.CronJob)) }},
	}
}

func TestReduceKeepsWhatIsRead(t *testing.T) {
	for kind := range reads(metav1.ObjectMeta{}) {
		t.Run(kind, func(t *testing.T) {
			before, after := inventoried()
			w := reads(before)[kind]
			want := w.read(w.object)
			Reduce(w.object)
			assert.Equal(t, want, w.read(w.object))
			assert.Equal(t, after, *w.object.(metav1.ObjectMetaAccessor).GetObjectMeta().(*metav1.ObjectMeta))
			assert.NotContains(t, string(encoded(t, w.object)), "large", "no template is kept")
		})
	}
}

func TestReduceKeepsMetadataOfWhatIsControlled(t *testing.T) {
	for kind := range reads(metav1.ObjectMeta{}) {
		t.Run(kind, func(t *testing.T) {
			before, after := inventoried(metav1.OwnerReference{Kind: "App", Name: "web", UID: "a", Controller: ptr.To(true)})
			w, empty := reads(before)[kind], reads(after)[kind]
			Reduce(w.object)
			assert.Less(t, len(encoded(t, w.object)), len(encoded(t, empty.object)))
			assert.Equal(t, after, *w.object.(metav1.ObjectMetaAccessor).GetObjectMeta().(*metav1.ObjectMeta))
			assert.Zero(t, w.read(w.object).Current, "no slice shows anything of it")
		})
	}
}

func TestReduceKeepsAnAccountsName(t *testing.T) {
	before, after := inventoried()
	account := &corev1.ServiceAccount{ObjectMeta: before, Secrets: []corev1.ObjectReference{{Name: "token"}}}
	Reduce(account)
	assert.Equal(t, &corev1.ServiceAccount{ObjectMeta: after}, account)
}

func encoded(t *testing.T, o any) []byte {
	t.Helper()
	data, err := json.Marshal(o)
	require.NoError(t, err)
	return data
}
