package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// replay makes a fresh environment of the same custom resources, and of the objects of
// others that are in their way.
func (w *walk) replay(here *view, fresh string) {
	w.Helper()
	w.addNamespace(fresh + "-home")
	for i := range here.customs {
		if here.customs[i].GetKind() == "TrustDomain" {
			w.copyTo(&here.customs[i], here.env, fresh)
		}
	}
	plane.Wait(w, waitTimeout, func(ctx context.Context) (bool, string) {
		v, err := w.view(ctx, fresh)
		if err != nil {
			return false, err.Error()
		}
		ready := 0
		for i := range v.customs {
			if status, _ := readiness(&v.customs[i]); status == "True" {
				ready++
			}
		}
		return ready == 2, fmt.Sprintf("%d trust domains of 2 are ready", ready)
	})
	adopted := map[string]bool{}
	for i := range here.natives {
		o := &here.natives[i]
		owner := here.owner(o)
		adopts := o.GetAnnotations()[xosv1.AdoptedAnnotation] != ""
		if owner != nil && adopts {
			adopted[id(owner)] = true
		}
		if o.GetKind() != "Namespace" && metav1.GetControllerOfNoCopy(o) == nil && (owner == nil || adopts) {
			w.copyForeign(o, owner != nil, here.env, fresh)
		}
	}
	for i := range here.customs {
		o := here.customs[i].DeepCopy()
		if o.GetKind() == "TrustDomain" || o.GetDeletionTimestamp() != nil {
			continue
		}
		if adopted[id(o)] {
			o.Object["spec"].(map[string]any)["adopt"] = "IfUnowned"
		}
		w.copyTo(o, here.env, fresh)
	}
}

// renamed is an object of one environment as that of another.
func (w *walk) renamed(o *unstructured.Unstructured, env, fresh string) *unstructured.Unstructured {
	w.Helper()
	again := &unstructured.Unstructured{}
	require.NoError(w, json.Unmarshal([]byte(strings.ReplaceAll(textOf(o), env, fresh)), &again.Object))
	return again
}

func (w *walk) copyTo(o *unstructured.Unstructured, env, fresh string) {
	w.Helper()
	copied := &unstructured.Unstructured{Object: map[string]any{"apiVersion": o.GetAPIVersion(), "kind": o.GetKind(), "spec": o.Object["spec"]}}
	copied.SetName(o.GetName())
	copied.SetNamespace(o.GetNamespace())
	copied = w.renamed(copied, env, fresh)
	_, err := w.client(copied).Create(w.Context(), copied, metav1.CreateOptions{FieldManager: user})
	require.NoError(w, err)
}

// copyForeign makes an object of others again: as it is, or, where it was adopted, as
// one that may be.
func (w *walk) copyForeign(o *unstructured.Unstructured, adopted bool, env, fresh string) {
	w.Helper()
	copied := w.copyOf(w.random(0), o)
	copied.SetName(o.GetName())
	copied.SetNamespace(o.GetNamespace())
	for _, field := range [][]string{{"spec", "nodeName"}, {"status"}, {"secrets"}, {"metadata", "finalizers"}} {
		unstructured.RemoveNestedField(copied.Object, field...)
	}
	if labels, _, _ := unstructured.NestedStringMap(copied.Object, "spec", "template", "metadata", "labels"); o.GetKind() == "Job" {
		// The server selects a job's pods by labels that it gives itself.
		for _, given := range []string{"controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"} {
			delete(labels, given)
		}
		unstructured.RemoveNestedField(copied.Object, "spec", "selector")
		require.NoError(w, unstructured.SetNestedStringMap(copied.Object, labels, "spec", "template", "metadata", "labels"))
	}
	if adopted {
		annotations, labels := copied.GetAnnotations(), copied.GetLabels()
		for _, key := range []string{xosv1.OwnerAnnotation, xosv1.AppliedAnnotation, xosv1.AdoptedAnnotation, xosv1.FixedAnnotation, xosv1.MutableAnnotation} {
			delete(annotations, key)
		}
		delete(labels, xosv1.ManagedByLabel)
		annotations[adoptable] = "true"
		copied.SetAnnotations(annotations)
		copied.SetLabels(labels)
	}
	copied = w.renamed(copied, env, fresh)
	_, err := w.dynamic.Resource(resourceOf(copied)).Namespace(copied.GetNamespace()).Create(w.Context(), copied, metav1.CreateOptions{FieldManager: byHand})
	if !apierrors.IsAlreadyExists(err) {
		require.NoError(w, err, id(copied))
	}
}

// alike waits until both environments look the same.
func (w *walk) alike(fresh string) {
	w.Helper()
	plane.Wait(w, waitTimeout, func(ctx context.Context) (bool, string) {
		w.crew.idle(ctx, time.Second)
		one, err := w.view(ctx, w.env)
		if err != nil {
			return false, err.Error()
		}
		other, err := w.view(ctx, fresh)
		if err != nil {
			return false, err.Error()
		}
		difference := differences(one.picture(), other.picture())
		return difference == "", "the environments differ:\n" + difference
	})
}
