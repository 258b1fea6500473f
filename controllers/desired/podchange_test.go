package desired_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
)

func TestAPodTakesNewImagesInPlaceAndNothingElse(t *testing.T) {
	type change struct {
		of      func(*xosv1.KubernetesServiceInstance)
		inPlace bool
		differs bool
	}
	for sentence, test := range map[string]change{
		"nothing changed":        {func(*xosv1.KubernetesServiceInstance) {}, true, false},
		"a new image":            {func(i *xosv1.KubernetesServiceInstance) { i.Spec.ImageReference = "nginx:1.30" }, true, true},
		"a sidecar's new image":  {func(i *xosv1.KubernetesServiceInstance) { i.Spec.Template.Spec.Containers[0].Image = "envoy:2" }, true, true},
		"a new image beforehand": {func(i *xosv1.KubernetesServiceInstance) { i.Spec.Template.Spec.InitContainers[0].Image = "busybox:2" }, true, true},
		"a label": {func(i *xosv1.KubernetesServiceInstance) {
			i.Spec.Template.Metadata.Labels = map[string]string{"a": "b"}
		}, true, false},
		"other arguments":    {func(i *xosv1.KubernetesServiceInstance) { i.Spec.Args = []string{"--fast"} }, false, true},
		"another variable":   {func(i *xosv1.KubernetesServiceInstance) { i.Spec.Env = []corev1.EnvVar{{Name: "A", Value: "b"}} }, false, true},
		"one container more": {func(i *xosv1.KubernetesServiceInstance) { add(i, "more") }, false, true},
		"a toleration": {func(i *xosv1.KubernetesServiceInstance) {
			i.Spec.Template.Spec.Tolerations = []corev1.Toleration{{Key: "a"}}
		}, false, true},
		"a deadline": {func(i *xosv1.KubernetesServiceInstance) {
			i.Spec.Template.Spec.ActiveDeadlineSeconds = ptr.To[int64](60)
		}, false, true},
		"an image and a variable": {func(i *xosv1.KubernetesServiceInstance) { i.Spec.ImageReference = "nginx:1.30"; add(i, "more") }, false, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			had, err := desired.Pod(desired.InstanceInput{Instance: instance(), Namespace: domain, Image: instance().Spec.ImageReference})
			require.NoError(t, err)
			after := instance()
			test.of(after)
			want, err := desired.Pod(desired.InstanceInput{Instance: after, Namespace: domain, Image: after.Spec.ImageReference})
			require.NoError(t, err)
			inPlace, differs := desired.PodCanTake(had.Annotations, want)
			assert.Equal(t, test.inPlace, inPlace, "in place")
			assert.Equal(t, test.differs, differs, "differs")
		})
	}
}

func TestAPodThatWeDidNotMakeIsTriedInPlace(t *testing.T) {
	want, err := desired.Pod(desired.InstanceInput{Instance: instance(), Namespace: domain, Image: "nginx:1.29"})
	require.NoError(t, err)
	inPlace, differs := desired.PodCanTake(map[string]string{"some": "annotation"}, want)
	assert.True(t, inPlace)
	assert.False(t, differs)
}

func TestMakingAPodLeavesItsInputAsItWas(t *testing.T) {
	before, after := instance(), instance()
	after.Spec.Env = []corev1.EnvVar{{Name: "MODE", Value: "own"}}
	before.Spec.Env = after.Spec.Env
	_, err := desired.Pod(desired.InstanceInput{Instance: after, Namespace: domain, Image: "nginx:1.29"})
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func instance() *xosv1.KubernetesServiceInstance {
	return &xosv1.KubernetesServiceInstance{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "team"},
		Spec: xosv1.KubernetesServiceInstanceSpec{
			ImageReference: "nginx:1.29",
			Template: &xosv1.PodTemplate{Spec: corev1.PodSpec{
				InitContainers: []corev1.Container{{Name: "prepare", Image: "busybox:1.37"}},
				Containers:     []corev1.Container{{Name: "proxy", Image: "envoy:1.36"}, {Name: "web", Env: []corev1.EnvVar{{Name: "MODE", Value: "template"}}}},
			}},
		},
	}
}

func add(i *xosv1.KubernetesServiceInstance, container string) {
	i.Spec.Template.Spec.Containers = append(i.Spec.Template.Spec.Containers, corev1.Container{Name: container, Image: "busybox:1.37"})
}
