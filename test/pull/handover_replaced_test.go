package pull_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
)

// records waits until the slice web is the one record of a Deployment.
func (w *env) records(d *appsv1.Deployment) *xosv1.Slice {
	w.Helper()
	slice := w.slice("web", func(s *xosv1.Slice) error {
		if s.Annotations[xosv1.MirrorsAnnotation] != "Deployment.v1.apps/"+w.namespace+"/web/"+string(d.UID) {
			return fmt.Errorf("it records %s", s.Annotations[xosv1.MirrorsAnnotation])
		}
		if s.Status.Controller == nil || s.Status.Controller.UID != d.UID {
			return fmt.Errorf("it shows %+v", s.Status.Controller)
		}
		return counting([4]int32{1, 1, 1, 1}, "app=web")(s)
	})
	w.soleInstance(func(i *xosv1.KubernetesServiceInstance) error {
		if i.Spec.Slice != "web" {
			return fmt.Errorf("it is of slice %q", i.Spec.Slice)
		}
		return running(i)
	})
	list, err := w.xos.Slices(w.namespace).List(w.Context(), metav1.ListOptions{})
	require.NoError(w, err)
	require.Len(w, list.Items, 1)
	return slice
}

// replaceDeployment deletes the Deployment web and makes another one of its name
// at once.
func (w *env) replaceDeployment() *appsv1.Deployment {
	w.Helper()
	require.NoError(w, w.kubernetes.AppsV1().Deployments(w.namespace).Delete(w.Context(), "web", metav1.DeleteOptions{}))
	return w.deployment(1, image)
}

func TestASliceWithAReplacedControllerIsHandedBackAsItIs(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	first := w.deployment(1, image)
	pulled := w.records(first)
	w.hand("web", true)
	w.slice("web", func(s *xosv1.Slice) error { return is(s, xosv1.ReasonSucceeded) })
	second := w.replaceDeployment()
	w.slice("web", func(s *xosv1.Slice) error {
		if s.Status.Controller == nil || s.Status.Controller.UID != second.UID {
			return fmt.Errorf("it keeps %+v", s.Status.Controller)
		}
		return is(s, xosv1.ReasonSucceeded)
	})
	w.hand("web", false)
	w.slice("web", func(s *xosv1.Slice) error { return is(s, xosv1.ReasonInventoried) })
	assert.Equal(t, pulled.UID, w.records(second).UID)

	// It is the record of that one from now on, and ends with it.
	require.NoError(t, w.kubernetes.AppsV1().Deployments(w.namespace).Delete(t.Context(), "web", metav1.DeleteOptions{}))
	w.sliceGone("web")
}

func TestAnInstanceWhosePodWasReplacedMeanwhileIsHandedBackAsItIs(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.startWhole(pull.Options{Log: b.log()})
	first := w.pod("alone", image)
	pulled := w.instance("alone", running)
	change := func(spec string) {
		_, err := w.instances().Patch(t.Context(), "alone", types.MergePatchType, []byte(`{"spec":`+spec+`}`), metav1.PatchOptions{})
		require.NoError(t, err)
	}
	change(`{"xosManaged":true}`)
	w.instance("alone", func(i *xosv1.KubernetesServiceInstance) error { return is(i, xosv1.ReasonSucceeded) })
	change(`{"image":null,"imageReference":"other:2"}`)
	taken := w.instance("alone", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Status.PodUID == first.UID || i.Status.PodUID == "" {
			return fmt.Errorf("pod %s", i.Status.PodUID)
		}
		return is(i, xosv1.ReasonSucceeded)
	})
	change(`{"xosManaged":false}`)
	back := w.instance("alone", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Annotations[xosv1.MirrorsAnnotation] != "Pod.v1/"+w.namespace+"/alone/"+string(taken.Status.PodUID) {
			return fmt.Errorf("it records %s", i.Annotations[xosv1.MirrorsAnnotation])
		}
		return is(i, xosv1.ReasonInventoried)
	})
	assert.Equal(t, pulled.UID, back.UID)
	assert.Equal(t, taken.Status.PodUID, back.Status.PodUID)
	assert.NotEqual(t, pulled.Spec.Image, back.Spec.Image)
	assert.Empty(t, back.Spec.ImageReference)

	w.deletePod("alone")
	w.instanceGone("alone")
	b.statuses(first.UID, "created", "deleted")
	b.statuses(back.Status.PodUID, "created", "deleted")
}

func TestARecordEndsWhereAnotherSliceTakesItsControllerOver(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	w.deployment(1, image)
	_, err := w.kubernetes.AppsV1().Deployments(w.namespace).Patch(t.Context(), "web", types.MergePatchType,
		fmt.Appendf(nil, `{"metadata":{"labels":{%q:"front"}}}`, xosv1.SliceNameLabel), metav1.PatchOptions{})
	require.NoError(t, err)
	w.slice("front", counting([4]int32{1, 1, 1, 1}, "app=web"))
	_, err = w.xos.Slices(w.namespace).Create(t.Context(), &xosv1.Slice{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec:       xosv1.SliceSpec{ControllerKind: "Deployment", Lifecycle: xosv1.Lifecycle{Adopt: xosv1.AdoptIfUnowned}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	w.slice("web", func(s *xosv1.Slice) error { return is(s, xosv1.ReasonSucceeded) })
	w.sliceGone("front")
}

func TestAControllerThatIsReplacedKeepsItsSlice(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	pulled := w.records(w.deployment(1, image))
	assert.Equal(t, pulled.UID, w.records(w.replaceDeployment()).UID)
}
