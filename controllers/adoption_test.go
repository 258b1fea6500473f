package controllers

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
)

func TestASliceKeepsNoOtherControllerThanTheOneThatItRecords(t *testing.T) {
	for sentence, test := range map[string]struct {
		mirrors string
		want    []string
	}{
		"one that a user made":              {"", nil},
		"its own":                           {"Deployment.v1.apps/shop/web/u1", nil},
		"its own, made again since":         {"Deployment.v1.apps/shop/web/u2", nil},
		"one of another name":               {"Deployment.v1.apps/shop/other/u1", []string{"Deployment shop/other", "Slice other", xosv1.SliceNameLabel}},
		"one whose name only begins as its": {"Deployment.v1.apps/shop/web-2/u1", []string{"Deployment shop/web-2"}},
		"one of another kind":               {"StatefulSet.v1.apps/shop/web/u1", []string{"StatefulSet shop/web", xosv1.MirrorsAnnotation}},
		"one of another group":              {"Deployment.v1.example.com/shop/web/u1", []string{"Deployment shop/web"}},
		"one of another namespace, of which it can't be a record": {"Deployment.v1.apps/else/web/u1", nil},
		"something that we can't have written":                    {"garbage", nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", Annotations: map[string]string{xosv1.MirrorsAnnotation: test.mirrors}}}
			err := ownController(s, appsv1.SchemeGroupVersion.WithKind("Deployment"), "shop")
			if test.want == nil {
				assert.NoError(t, err)
				return
			}
			for _, part := range test.want {
				assert.ErrorContains(t, err, part)
			}
		})
	}
}

func TestAPodIsKeptAsItIsByAnInstanceThatSaysNothingOfIt(t *testing.T) {
	instance := func(change func(*xosv1.KubernetesServiceInstance)) *xosv1.KubernetesServiceInstance {
		i := &xosv1.KubernetesServiceInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "u1"}}
		i.Spec.Adopt = xosv1.AdoptIfUnowned
		change(i)
		return i
	}
	same := func(*xosv1.KubernetesServiceInstance) {}
	theirs := func(image string, annotations map[string]string) *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", Annotations: annotations},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "web:1"}, {Name: "side", Image: image}}}}
	}
	controlled := theirs("side:1", nil)
	controlled.OwnerReferences = []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "web", UID: "r", Controller: new(true)}}
	wanted, err := desired.Pod(desired.InstanceInput{Instance: instance(same), Namespace: "shop", Image: "web:1"})
	require.NoError(t, err)
	taken := func(owner, fixed string) *corev1.Pod {
		return theirs("side:1", map[string]string{
			xosv1.OwnerAnnotation: owner + "/Pod/shop/web", xosv1.AdoptedAnnotation: "true",
			xosv1.FixedAnnotation: fixed, xosv1.MutableAnnotation: wanted.Annotations[xosv1.MutableAnnotation],
		})
	}
	mine, fixed := "KubernetesServiceInstance/shop/web/u1", wanted.Annotations[xosv1.FixedAnnotation]
	for sentence, test := range map[string]struct {
		instance *xosv1.KubernetesServiceInstance
		live     *corev1.Pod
		want     bool
	}{
		"one of another client":                          {instance(same), theirs("side:1", nil), true},
		"not one that is not there":                      {instance(same), nil, false},
		"not one of a controller":                        {instance(same), controlled, false},
		"not without leave to adopt":                     {instance(func(i *xosv1.KubernetesServiceInstance) { i.Spec.Adopt = "" }), theirs("side:1", nil), false},
		"not where the instance says a command":          {instance(func(i *xosv1.KubernetesServiceInstance) { i.Spec.Command = []string{"x"} }), theirs("side:1", nil), false},
		"not where the instance has a template":          {instance(func(i *xosv1.KubernetesServiceInstance) { i.Spec.Template = &xosv1.PodTemplate{} }), theirs("side:1", nil), false},
		"one that it has taken over":                     {instance(same), taken(mine, fixed), true},
		"not one that it has taken over before a change": {instance(same), taken(mine, "other"), false},
		"not one that another has taken over":            {instance(same), taken("KubernetesServiceInstance/shop/other/u2", fixed), false},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, leavesPodUnchanged(test.instance, test.live, "web:1", wanted))
		})
	}
	assert.False(t, leavesPodUnchanged(instance(same), theirs("side:1", nil), "web:2", wanted), "nor one that runs another image")
}
