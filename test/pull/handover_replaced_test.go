package pull_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
)

// records waits until the slice web is the one record of a Deployment.
func (w *world) records(d *appsv1.Deployment) *xosv1.Slice {
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
func (w *world) replaceDeployment() *appsv1.Deployment {
	w.Helper()
	require.NoError(w, w.kubernetes.AppsV1().Deployments(w.namespace).Delete(w.Context(), "web", metav1.DeleteOptions{}))
	return w.deployment(1, image)
}

func TestASliceWhoseControllerWasReplacedMeanwhileIsHandedBackAsItIs(t *testing.T) {
	w := newWorld(t)
	w.startWhole()
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
	w.gone(func(ctx context.Context) error {
		_, err := w.xos.Slices(w.namespace).Get(ctx, "web", metav1.GetOptions{})
		return err
	})
}

func TestAControllerThatIsReplacedKeepsItsSlice(t *testing.T) {
	w := newWorld(t)
	w.start(pull.Options{})
	pulled := w.records(w.deployment(1, image))
	assert.Equal(t, pulled.UID, w.records(w.replaceDeployment()).UID)
}
