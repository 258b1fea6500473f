package record

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Dependencies is what a pod says of itself that other objects record: what it
// depends on. What its instance's status shows is in package observe.
type Dependencies struct {
	// ServiceAccount is the ServiceAccount it runs as; a pod that a kubelet made from
	// a file has none.
	ServiceAccount string
	// Images are those of all its containers, the first container's first, each
	// once.
	Images []ImageReference
}

// DependenciesOf is a pure function of a pod.
func DependenciesOf(pod *corev1.Pod) Dependencies {
	return Dependencies{ServiceAccount: pod.Spec.ServiceAccountName, Images: ImagesOf(pod)}
}

// ImagesOf returns the images of all containers of a pod, each once.
func ImagesOf(pod *corev1.Pod) []ImageReference {
	var refs []ImageReference
	add := func(reference string) {
		if ref, ok := ParseImage(reference); ok && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	for _, c := range pod.Spec.Containers {
		add(c.Image)
	}
	for _, c := range pod.Spec.InitContainers {
		add(c.Image)
	}
	for _, c := range pod.Spec.EphemeralContainers {
		add(c.Image)
	}
	return refs
}

// MainImage is the image of the first container, by which an instance is known.
func MainImage(pod *corev1.Pod) (ImageReference, bool) {
	if len(pod.Spec.Containers) == 0 {
		return ImageReference{}, false
	}
	return ParseImage(pod.Spec.Containers[0].Image)
}
