package pull

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// dependencies is what a pod says of itself that other objects record: what it
// depends on. What its instance's status shows is in package verdict.
type dependencies struct {
	// account is the ServiceAccount it runs as; a pod that a kubelet made from
	// a file has none.
	account string
	// images are those of all its containers, the first container's first, each
	// once.
	images []imageRef
}

// dependenciesOf is a pure function of a pod.
func dependenciesOf(pod *corev1.Pod) dependencies {
	return dependencies{account: pod.Spec.ServiceAccountName, images: imagesOf(pod)}
}

func imagesOf(pod *corev1.Pod) []imageRef {
	var refs []imageRef
	add := func(reference string) {
		if ref, ok := parseImage(reference); ok && !slices.Contains(refs, ref) {
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

// mainImage is the image of the first container, by which an instance is known.
func mainImage(pod *corev1.Pod) (imageRef, bool) {
	if len(pod.Spec.Containers) == 0 {
		return imageRef{}, false
	}
	return parseImage(pod.Spec.Containers[0].Image)
}
