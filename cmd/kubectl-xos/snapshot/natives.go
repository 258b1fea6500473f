package snapshot

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Natives are the native kinds that objects of the data model have, by their resources.
var Natives = map[string]schema.GroupVersionKind{
	"namespaces":      corev1.SchemeGroupVersion.WithKind("Namespace"),
	"nodes":           corev1.SchemeGroupVersion.WithKind("Node"),
	"pods":            corev1.SchemeGroupVersion.WithKind("Pod"),
	"services":        corev1.SchemeGroupVersion.WithKind("Service"),
	"configmaps":      corev1.SchemeGroupVersion.WithKind("ConfigMap"),
	"secrets":         corev1.SchemeGroupVersion.WithKind("Secret"),
	"serviceaccounts": corev1.SchemeGroupVersion.WithKind("ServiceAccount"),
	"deployments":     appsv1.SchemeGroupVersion.WithKind("Deployment"),
	"statefulsets":    appsv1.SchemeGroupVersion.WithKind("StatefulSet"),
	"daemonsets":      appsv1.SchemeGroupVersion.WithKind("DaemonSet"),
	"replicasets":     appsv1.SchemeGroupVersion.WithKind("ReplicaSet"),
	"jobs":            batchv1.SchemeGroupVersion.WithKind("Job"),
	"cronjobs":        batchv1.SchemeGroupVersion.WithKind("CronJob"),
}
