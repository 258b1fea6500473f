package desired

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

// podHashes are kept on a pod to tell, when its instance changes, whether the pod
// can take the change: one mark of the part of the spec that can't be changed
// while the pod lives, one of the part that can.
//
// What a pod takes in place in every case are the images of its containers.
// Tolerations can only be added and a deadline only be shortened, so that a
// change of theirs needs a new pod too.
func podHashes(spec *corev1.PodSpecApplyConfiguration) (map[string]string, error) {
	var fixed corev1.PodSpecApplyConfiguration
	if err := convert(spec, &fixed); err != nil {
		return nil, fmt.Errorf("copy the pod's spec: %w", err)
	}
	var images []*string
	for c := range fixed.InitContainers {
		images = append(images, fixed.InitContainers[c].Image)
		fixed.InitContainers[c].Image = nil
	}
	for c := range fixed.Containers {
		images = append(images, fixed.Containers[c].Image)
		fixed.Containers[c].Image = nil
	}
	hard, err := digest(fixed)
	if err != nil {
		return nil, err
	}
	soft, err := digest(images)
	if err != nil {
		return nil, err
	}
	return map[string]string{xosv1.FixedAnnotation: hard, xosv1.MutableAnnotation: soft}, nil
}

// PodCanTake says whether a pod that carries these annotations can become the
// wanted one in place, and whether it differs from it at all. A pod that we did
// not make has no marks: what becomes of it in place is up to the server.
func PodCanTake(had map[string]string, want *corev1.PodApplyConfiguration) (inPlace, differs bool) {
	hard, ours := had[xosv1.FixedAnnotation]
	if !ours {
		return true, false
	}
	same := hard == want.Annotations[xosv1.FixedAnnotation]
	return same, !same || had[xosv1.MutableAnnotation] != want.Annotations[xosv1.MutableAnnotation]
}

func digest(v any) (string, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode the pod's spec: %w", err)
	}
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:16]), nil
}

// Revision identifies a list of contents, whatever its order.
func Revision(contents []string) string {
	slices.Sort(contents)
	return names.Hash(contents...)
}
