package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/json"
)

// bystander is an object of others, as it was made.
type bystander struct {
	object *unstructured.Unstructured
	text   string
	// place is the UID of its namespace, with which it may end.
	place types.UID
}

// still are the kinds whose objects no client in the cluster changes.
var still = []string{"ConfigMap", "Secret", "ServiceAccount", "RoleBinding", "Service"}

// bystand makes an object of others: one whose name a custom resource wants, or a
// copy of one of ours, with its tracking metadata, under another name or in another namespace.
func (w *walk) bystand(r *rand.Rand) string {
	o, how := w.blocker(r), "a blocker"
	if r.IntN(2) == 0 {
		original := w.owned(r, func(o *unstructured.Unstructured) bool { return slices.Contains(still, o.GetKind()) })
		if original == nil {
			return "nothing native to copy"
		}
		o, how = w.copyOf(r, original), "a copy of "+id(original)
	}
	made, err := w.dynamic.Resource(resourceOf(o)).Namespace(o.GetNamespace()).Create(w.Context(), o, metav1.CreateOptions{FieldManager: byHand})
	if w.tolerable(err) == nil {
		w.remember(made)
	}
	return fmt.Sprintf("make %s, %s%s", id(o), how, failed(err))
}

func (w *walk) remember(o *unstructured.Unstructured) {
	w.Helper()
	namespace, err := w.kube.CoreV1().Namespaces().Get(w.Context(), o.GetNamespace(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return
	}
	require.NoError(w, err)
	w.bystanders = append(w.bystanders, &bystander{o, textOf(o), namespace.UID})
}

func textOf(o *unstructured.Unstructured) string {
	text, err := json.Marshal(o.Object)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// wanted are names of native objects that custom resources want.
var wanted = []string{
	"ConfigMap page", "ConfigMap settings", "ConfigMap blob-one", "ConfigMap blob-two", "Secret keys", "ServiceAccount web",
	"ServiceAccount deployer", "RoleBinding xos:web:view", "Service shop", "Service shop-clusterip",
}

// blocker is an object under a name that a custom resource may want.
func (w *walk) blocker(r *rand.Rand) *unstructured.Unstructured {
	var kind, name string
	_, _ = fmt.Sscan(wanted[r.IntN(len(wanted))], &kind, &name)
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": kind}}
	o.SetName(name)
	o.SetNamespace(w.places()[r.IntN(2)])
	switch kind {
	case "ConfigMap", "Secret":
		o.Object["data"] = map[string]any{"color": "b3RoZXJz"}
	case "Service":
		o.Object["spec"] = map[string]any{"ports": []any{map[string]any{"port": int64(80)}}}
	case "RoleBinding":
		o.SetAPIVersion("rbac.authorization.k8s.io/v1")
		o.Object["roleRef"] = map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
	}
	return o
}

// copyOf is what "kubectl get -o yaml" under another name comes to.
func (w *walk) copyOf(r *rand.Rand, original *unstructured.Unstructured) *unstructured.Unstructured {
	o := original.DeepCopy()
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "managedFields", "ownerReferences"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	for _, field := range []string{"clusterIP", "clusterIPs"} {
		unstructured.RemoveNestedField(o.Object, "spec", field)
	}
	ports, _, _ := unstructured.NestedSlice(o.Object, "spec", "ports")
	for _, port := range ports {
		delete(port.(map[string]any), "nodePort")
	}
	if len(ports) > 0 {
		_ = unstructured.SetNestedSlice(o.Object, ports, "spec", "ports")
	}
	if r.IntN(2) == 0 {
		o.SetNamespace(w.others())
	} else {
		o.SetName(fmt.Sprintf("copy-%d-of-%s", r.IntN(1000), o.GetName()))
	}
	return o
}

// offer makes an object that its maker agrees to have adopted.
func (w *walk) offer(r *rand.Rand) string {
	o := w.blocker(r)
	o.SetAnnotations(map[string]string{adoptable: "true"})
	_, err := w.dynamic.Resource(resourceOf(o)).Namespace(o.GetNamespace()).Create(w.Context(), o, metav1.CreateOptions{FieldManager: byHand})
	return fmt.Sprintf("offer %s for adoption%s", id(o), failed(w.tolerable(err)))
}

// unharmed checks that all bystanders are as they were made, byte for byte, but for
// those whose namespace a step has deleted.
func (w *walk) unharmed() {
	w.Helper()
	for _, b := range w.bystanders {
		o := b.object
		namespace, err := w.kube.CoreV1().Namespaces().Get(w.Context(), o.GetNamespace(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) || (err == nil && (namespace.UID != b.place || namespace.DeletionTimestamp != nil)) {
			continue
		}
		require.NoError(w, err)
		now, err := w.dynamic.Resource(resourceOf(o)).Namespace(o.GetNamespace()).Get(context.WithoutCancel(w.Context()), o.GetName(), metav1.GetOptions{})
		require.NoError(w, err, "%s was made by others, and is to stay", id(o))
		require.Equal(w, b.text, textOf(now), "%s was made by others, and is to stay as it is", id(o))
	}
}
