package record

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

func FuzzPodToInstance(f *testing.F) {
	f.Add("web", "nginx:1.2", "Deployment", "web", "")
	f.Add("a.b", "r:5000/x@sha256:0", "Ring", strings.Repeat("x", 300), "Über")
	f.Fuzz(func(t *testing.T, name, image, kind, owner, label string) {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "n", UID: "u"}}
		pod.Spec.Containers = []corev1.Container{{Image: image}}
		for _, ref := range DependenciesOf(pod).Images {
			if problems := validation.IsDNS1123Label(ref.ObjectName()); len(problems) > 0 {
				t.Errorf("Image %q of %q: %v", ref.ObjectName(), image, problems)
			}
			if ref.Name == "" || !strings.HasPrefix(image, ref.Name) {
				t.Errorf("image %q has the name %q", image, ref.Name)
			}
		}
		for _, slice := range (&RootOwner{Kind: kind, Name: owner, SliceLabel: label, UID: "u"}).SliceNames() {
			if problems := validation.IsDNS1123Label(slice); len(problems) > 0 {
				t.Errorf("Slice %q of %s %q (%q): %v", slice, kind, owner, label, problems)
			}
		}
	})
}
