package pull

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

func TestImagesAreTakenApart(t *testing.T) {
	for reference, want := range map[string]imageRef{
		"nginx":                           {Name: "nginx"},
		"nginx:1.29":                      {Name: "nginx", Tag: "1.29"},
		"registry:5000/team/app":          {Name: "registry:5000/team/app"},
		"registry:5000/team/app:v2":       {Name: "registry:5000/team/app", Tag: "v2"},
		"app@sha256:abc":                  {Name: "app", Digest: "sha256:abc"},
		"registry:5000/app:v2@sha256:abc": {Name: "registry:5000/app", Tag: "v2", Digest: "sha256:abc"},
		"[fd00:10::5]:5000/team/app:v1":   {Name: "[fd00:10::5]:5000/team/app", Tag: "v1"},
		"[fd00:10::5]/team/app":           {Name: "[fd00:10::5]/team/app"},
		"[::1]/app@sha256:abc":            {Name: "[::1]/app", Digest: "sha256:abc"},
		"192.0.2.7:5001/gearman":          {Name: "192.0.2.7:5001/gearman"},
		"localhost:5000/team/app":         {Name: "localhost:5000/team/app"},
		"Registry.Example.ORG/app:RC_1.0": {Name: "Registry.Example.ORG/app", Tag: "RC_1.0"},
		"UPPER/Case:tag:twice":            {Name: "UPPER/Case:tag", Tag: "twice"},
		":odd":                            {Name: ":odd"},
		"@sha256:abc":                     {Name: "@sha256", Tag: "abc"},
		"registry/:v1":                    {Name: "registry/:v1"},
	} {
		got, ok := parseImage(reference)
		assert.True(t, ok, reference)
		assert.Equal(t, want, got, reference)
		whole := desired.ImageReference(&xosv1.Image{Spec: xosv1.ImageSpec{Name: got.Name, Tag: got.Tag, Digest: got.Digest}})
		assert.Equal(t, reference, whole, "put together it is the same text")
	}
	for _, reference := range []string{"", strings.Repeat("a", maxImagePart+1)} {
		_, ok := parseImage(reference)
		assert.False(t, ok)
	}
}

func TestTheWalkAlongTheOwnersEndsInACircle(t *testing.T) {
	circle := metav1.ObjectMeta{UID: "a", OwnerReferences: []metav1.OwnerReference{
		*metav1.NewControllerRef(&metav1.ObjectMeta{Name: "a", UID: "a"}, corev1.SchemeGroupVersion.WithKind("Ring")),
	}}
	reads := 0
	top, err := topController(t.Context(), &circle, func(context.Context, string, metav1.OwnerReference) (metav1.Object, bool, error) {
		reads++
		return &circle, true, nil
	}, anyClaim)
	require.NoError(t, err)
	assert.Equal(t, "a", top.name)
	assert.Equal(t, maxOwners, reads)
}

func TestAControllersSliceHasANameForEachCase(t *testing.T) {
	c := &controller{kind: "StatefulSet", name: "web", uid: "u"}
	assert.Equal(t, []string{"web", "web-statefulset", "web-" + names.Hash("u")}, c.sliceNames())
}

func FuzzPodToInstance(f *testing.F) {
	f.Add("web", "nginx:1.2", "Deployment", "web", "")
	f.Add("a.b", "r:5000/x@sha256:0", "Ring", strings.Repeat("x", 300), "Über")
	f.Fuzz(func(t *testing.T, name, image, kind, owner, label string) {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "n", UID: "u"}}
		pod.Spec.Containers = []corev1.Container{{Image: image}}
		for _, ref := range dependenciesOf(pod).images {
			if problems := validation.IsDNS1123Label(ref.objectName()); len(problems) > 0 {
				t.Errorf("Image %q of %q: %v", ref.objectName(), image, problems)
			}
			if ref.Name == "" || !strings.HasPrefix(image, ref.Name) {
				t.Errorf("image %q has the name %q", image, ref.Name)
			}
		}
		for _, slice := range (&controller{kind: kind, name: owner, sliceName: label, uid: "u"}).sliceNames() {
			if problems := validation.IsDNS1123Label(slice); len(problems) > 0 {
				t.Errorf("Slice %q of %s %q (%q): %v", slice, kind, owner, label, problems)
			}
		}
		s := subjectOfPod(pod)
		if m, err := s.message("created", "c", pod.CreationTimestamp.Time); err != nil || m.Key != name {
			t.Errorf("message %v: %v", m, err)
		}
	})
}
