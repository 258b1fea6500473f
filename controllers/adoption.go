package controllers

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// ownController refuses a slice that was inventoried as the record of another
// controller than the one it would keep now: that one would be made beside it.
func ownController(s *xosv1.Slice, kind schema.GroupVersionKind, place string) error {
	own := ownership.Mirrored{Kind: kind, Name: cache.NewObjectName(place, s.Name)}
	theirs, recorded := ownership.MirroredBy(s)
	if !recorded || theirs.SameName(own) {
		return nil
	}
	return outcome.Refuse(xosv1.ReasonNotOwned, "this slice records %s %s, and a slice keeps a controller of its own kind and name only: "+
		"set spec.xosManaged to false again; if the label %s on that %s names the slice, take it off, and take over the Slice %s that comes then. "+
		"To have %s %s created beside it, take the annotation %s off this slice",
		theirs.Kind.Kind, theirs.Name, xosv1.SliceNameLabel, theirs.Kind.Kind, theirs.Name.Name, own.Kind.Kind, own.Name, xosv1.MirrorsAnnotation)
}

// nothingToAdopt is the error of a slice without a template, which can only
// keep a controller that is there.
func nothingToAdopt(s *xosv1.Slice, kind schema.GroupVersionKind) error {
	return fmt.Errorf("there is no %s %s to take over: set spec.template to have one created, or delete this slice",
		kind.Kind, s.Name)
}

// leavesPodUnchanged says whether an instance keeps a pod that somebody else made just
// as it is: one that it takes over, or has taken over and not been changed since.
// That holds for an instance which says of its pod nothing but the image, as one
// that was inventoried; what any other says is applied to the pod.
func leavesPodUnchanged(i *xosv1.KubernetesServiceInstance, live *corev1.Pod, image string, want *corev1ac.PodApplyConfiguration) bool {
	if live == nil || i.Spec.Adopt != xosv1.AdoptIfUnowned || !saysImageOnly(i.Spec) {
		return false
	}
	owner, owned := ownership.OwnerOf(live, schema.GroupKind{Kind: "Pod"})
	if !owned {
		return metav1.GetControllerOfNoCopy(live) == nil &&
			slices.ContainsFunc(live.Spec.Containers, func(c corev1.Container) bool { return c.Image == image })
	}
	_, differs := desired.PodCanTake(live.Annotations, want)
	return owner.UID == i.UID && live.Annotations[xosv1.AdoptedAnnotation] != "" && !differs
}

func saysImageOnly(s xosv1.KubernetesServiceInstanceSpec) bool {
	r := s.Resources
	return s.Template == nil && len(s.Command) == 0 && len(s.Args) == 0 && len(s.Env) == 0 && len(s.Ports) == 0 &&
		len(r.Requests) == 0 && len(r.Limits) == 0 && len(r.Claims) == 0
}

// hasContainer says whether a pod has the container that an instance's image
// goes into; one that was taken over may have others only.
func hasContainer(pod *corev1.Pod, name string) bool {
	return slices.ContainsFunc(pod.Spec.Containers, func(c corev1.Container) bool { return c.Name == name })
}

func podNamed(c *cluster.Cluster, namespace, name string) *corev1.Pod {
	pod, _ := c.Pods.Get(cache.NewObjectName(namespace, name))
	return pod
}
