package observe

import (
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// IsOldRevision says whether a pod is of another template than a StatefulSet's newest one,
// whose revision is known.
func IsOldRevision(pod *corev1.Pod, revision string) bool {
	return revision != "" && pod.Labels[appsv1.StatefulSetRevisionLabel] != revision
}

// Ordinal is a StatefulSet's number of a pod.
func Ordinal(pod *corev1.Pod) (n int, ok bool) {
	if owner := metav1.GetControllerOfNoCopy(pod); owner == nil || owner.Kind != xosv1.ControllerKindStatefulSet {
		return 0, false
	}
	n, err := strconv.Atoi(pod.Name[strings.LastIndex(pod.Name, "-")+1:])
	return n, err == nil
}
