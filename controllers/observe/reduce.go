package observe

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Reduce removes from a workload or a ServiceAccount that another client manages all that is not
// read. What remains is the metadata by which owners are resolved and, for a workload without a
// controller, what this package reads of an inventoried one. Templates are removed, which are most
// of an object.
func Reduce(o metav1.Object) {
	o.SetManagedFields(nil)
	o.SetFinalizers(nil)
	o.SetLabels(only(o.GetLabels(), xosv1.SliceNameLabel))
	o.SetAnnotations(only(o.GetAnnotations(), xosv1.OwnerAnnotation))
	top := metav1.GetControllerOfNoCopy(o) == nil
	switch o := o.(type) {
	case *corev1.ServiceAccount:
		*o = corev1.ServiceAccount{ObjectMeta: o.ObjectMeta}
	case *appsv1.Deployment:
		o.Spec.Template = corev1.PodTemplateSpec{}
		if !top {
			*o = appsv1.Deployment{ObjectMeta: o.ObjectMeta}
		}
	case *appsv1.ReplicaSet:
		o.Spec.Template = corev1.PodTemplateSpec{}
		if !top {
			*o = appsv1.ReplicaSet{ObjectMeta: o.ObjectMeta}
		}
	case *appsv1.StatefulSet:
		o.Spec.Template, o.Spec.VolumeClaimTemplates = corev1.PodTemplateSpec{}, nil
		if !top {
			*o = appsv1.StatefulSet{ObjectMeta: o.ObjectMeta}
		}
	case *appsv1.DaemonSet:
		o.Spec.Template = corev1.PodTemplateSpec{}
		if !top {
			*o = appsv1.DaemonSet{ObjectMeta: o.ObjectMeta}
		}
	case *batchv1.Job:
		o.Spec.Template = corev1.PodTemplateSpec{}
		if !top {
			*o = batchv1.Job{ObjectMeta: o.ObjectMeta}
		}
	case *batchv1.CronJob:
		o.Spec.JobTemplate = batchv1.JobTemplateSpec{}
		if !top {
			*o = batchv1.CronJob{ObjectMeta: o.ObjectMeta}
		}
	}
}

func only(values map[string]string, key string) map[string]string {
	if value, ok := values[key]; ok {
		return map[string]string{key: value}
	}
	return nil
}
