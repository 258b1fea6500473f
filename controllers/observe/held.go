package observe

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// HeldBy returns what blocks the deletion of an object, for a person. remains is what the object's
// own status reports.
func HeldBy(o metav1.Object, remains string) string {
	var parts []string
	if remains != "" {
		parts = append(parts, remains)
	}
	finalizers := slices.DeleteFunc(slices.Clone(o.GetFinalizers()), func(f string) bool { return f == metav1.FinalizerDeleteDependents })
	if len(finalizers) > 0 {
		parts = append(parts, HeldByFinalizers(finalizers))
	}
	if len(parts) > 0 {
		return strings.Join(parts, ", ")
	}
	switch grace := o.GetDeletionGracePeriodSeconds(); {
	case len(o.GetFinalizers()) > 0:
		return "which waits for what it owns to be deleted first"
	case grace != nil && *grace > 0:
		return fmt.Sprintf("which has a grace period of %d s", *grace)
	}
	return ""
}

// HeldByFinalizers returns the finalizers that block a deletion, for a person.
func HeldByFinalizers(finalizers []string) string {
	if len(finalizers) == 1 {
		return "held by the finalizer " + finalizers[0]
	}
	return "held by the finalizers " + strings.Join(finalizers, ", ")
}

// remaining are the conditions by which a namespace reports what blocks its deletion, in order of
// importance.
var remaining = []corev1.NamespaceConditionType{
	corev1.NamespaceFinalizersRemaining, corev1.NamespaceContentRemaining, corev1.NamespaceDeletionContentFailure,
	corev1.NamespaceDeletionDiscoveryFailure, corev1.NamespaceDeletionGVParsingFailure,
}

// NamespaceRemains returns what blocks the deletion of a namespace, in the words of its
// conditions.
func NamespaceRemains(n *corev1.Namespace) string {
	var parts []string
	for _, kind := range remaining {
		for _, c := range n.Status.Conditions {
			if c.Type == kind && c.Status == corev1.ConditionTrue {
				parts = append(parts, Brief(c.Message))
			}
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "in which there is something left: " + strings.Join(parts, "; ")
}
