package record

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// PodName is the name of a managed instance's pod, which may be in another
// namespace: its trust domain's. Once the pod is gone, its own name is as good.
func PodName(instance *xosv1.KubernetesServiceInstance) cache.ObjectName {
	if namespace := ownership.RecordedNamespace(instance.Status.BackendHandle); namespace != "" {
		return cache.NewObjectName(namespace, instance.Name)
	}
	return cache.MetaObjectToName(instance)
}

// PodUID is the UID of the pod that an instance records; empty before it is
// first reconciled. Only the status holds it, which no tenant can write: what an
// event is about must not follow from a record's text.
func PodUID(i *xosv1.KubernetesServiceInstance) types.UID { return i.Status.PodUID }

// LastPod is a pod that is gone, as far as the instance that records or made it
// remembers it.
func LastPod(i *xosv1.KubernetesServiceInstance) *corev1.Pod {
	name := PodName(i)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: name.Namespace, Name: name.Name, UID: i.Status.PodUID, ResourceVersion: i.ResourceVersion, Labels: i.Status.Labels,
	}}
	for _, ip := range i.Status.PodIPs {
		pod.Status.PodIPs = append(pod.Status.PodIPs, corev1.PodIP{IP: ip})
	}
	if xosv1.IsManaged(i) {
		maker := ownership.Owner{Kind: InstanceKind, Name: cache.MetaObjectToName(i), UID: i.UID}
		pod.Annotations = map[string]string{xosv1.OwnerAnnotation: ownership.TrackingID{Owner: maker, Kind: PodKind.GroupKind(), Name: name}.String()}
	}
	return pod
}
