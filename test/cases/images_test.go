package cases

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

const sha256 = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// parts are what some references are taken apart into: name, tag and digest. Of the
// others it is enough that they are the pod's own text again.
var parts = map[string][3]string{
	"c27-plain":      {"nginx", "", ""},
	"c27-port":       {"localhost:5000/team/app", "", ""},
	"c27-port-tag":   {"registry.example.org:443/team/service", "2.54.3", ""},
	"c27-tag-digest": {"registry.example.org:5000/team/app", "v1.2", sha256},
	"c27-digest":     {"ghcr.io/team/app", "", sha256},
	"c27-ipv6":       {"[fd00:10::5]:5000/team/app", "v1", ""},
	"c27-ipv4":       {"192.0.2.7:5001/gearman", "", ""},
	"c27-upper":      {"Registry.Example.ORG/team/app", "RC_1.0-Final", ""},
}

func TestCase27ImageReferencesOfAllSorts(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "27-image-references-of-all-sorts")
	here := *p
	here.namespace = "default"
	p.apply("10-foreign-pods.yaml")
	references := map[string]string{}
	for _, pod := range p.file("10-foreign-pods.yaml") {
		containers, _, err := unstructured.NestedSlice(pod.Object, "spec", "containers")
		require.NoError(t, err)
		references[pod.GetName()] = containers[0].(map[string]any)["image"].(string)
	}
	for pod, reference := range references {
		image := p.recorded(pod)
		assert.Equal(t, reference, image.Status.Reference, "%s: the pod's own text", pod)
		if want, ok := parts[pod]; ok {
			assert.Equal(t, want, [3]string{image.Spec.Name, image.Spec.Tag, image.Spec.Digest}, pod)
		}
	}

	p.apply("20-managed.yaml")
	managed := map[string]string{"c27-m-port-tag": "c27-port-tag", "c27-m-tag-digest": "c27-tag-digest", "c27-m-ipv6": "c27-ipv6"}
	for name, like := range managed {
		here.ready(instance, name)
		pod, err := p.kube.CoreV1().Pods(p.namespace).Get(t.Context(), name, metav1.GetOptions{})
		require.NoError(t, err)
		require.Equal(t, references[like], pod.Spec.Containers[0].Image, "the reference as it is written")
	}

	// Nothing is taken over without the pod's own consent, nor in a namespace of others.
	pods := p.kube.CoreV1().Pods("default")
	before, err := pods.Get(t.Context(), "c27-ipv6", metav1.GetOptions{})
	require.NoError(t, err)
	p.consent(named("v1", "Pod", "default", "c27-ipv6"))
	taken := ours(instance, "default", "c27-ipv6")
	p.patch(taken, `{"spec":{"xosManaged":true}}`)
	here.ready(instance, "c27-ipv6")
	after, err := pods.Get(t.Context(), "c27-ipv6", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, before.UID, after.UID, "the pod runs on")

	// The instance keeps its pod there, so it goes first. What is left of it then is a
	// record like the others.
	managedUID := p.uid(taken)
	p.remove(t.Context(), taken)
	p.until("the instance is gone", func(context.Context) error {
		if uid := p.uid(taken); uid == managedUID {
			return errors.New("it is still there")
		}
		return nil
	})
	p.delete("10-foreign-pods.yaml", "20-managed.yaml")
	p.until("no Image of theirs is left", func(ctx context.Context) error {
		images, err := p.custom(xosv1.GroupName, "v1", "images").List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, i := range images.Items {
			reported, _, err := unstructured.NestedString(i.Object, "status", "reference")
			if err != nil {
				return err
			}
			for pod, reference := range references {
				if reported == reference {
					return fmt.Errorf("that of %s is left", pod)
				}
			}
		}
		return nil
	})
}

// recorded waits for the record of a pod of the namespace default, and for that of its
// image.
func (p *play) recorded(pod string) *xosv1.Image {
	p.Helper()
	image := &xosv1.Image{}
	p.until("pod "+pod+" is recorded", func(ctx context.Context) error {
		record, err := p.custom(xosv1.GroupName, "v1", "kubernetesserviceinstances").Namespace("default").Get(ctx, pod, metav1.GetOptions{})
		if err != nil {
			return err
		}
		name, _, err := unstructured.NestedString(record.Object, "spec", "image")
		if err != nil || name == "" {
			return fmt.Errorf("it has no image: %w", err)
		}
		found, err := p.custom(xosv1.GroupName, "v1", "images").Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		*image = xosv1.Image{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(found.Object, image); err != nil {
			return err
		}
		if image.Status.Reference == "" {
			return fmt.Errorf("image %s has no reference yet", name)
		}
		return nil
	})
	return image
}

// uid is an object's; empty where it is not there.
func (p *play) uid(o *unstructured.Unstructured) types.UID {
	p.Helper()
	live, err := p.client(o).Get(p.Context(), o.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return ""
	}
	require.NoError(p, err)
	return live.GetUID()
}
