package chaos

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// owned picks a native object that carries tracking metadata; nil where there is none.
func (w *walk) owned(r *rand.Rand, keep func(*unstructured.Unstructured) bool) *unstructured.Unstructured {
	all, err := w.made(w.Context(), w.env)
	if err != nil {
		w.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(o unstructured.Unstructured) bool {
		_, ok := ownership.OwnerOf(&o, o.GroupVersionKind().GroupKind())
		return !ok || !keep(&o)
	})
	if len(all) == 0 {
		return nil
	}
	return &all[r.IntN(len(all))]
}

func resourceOf(o *unstructured.Unstructured) schema.GroupVersionResource {
	if o.GetKind() == "Namespace" {
		return namespaces
	}
	plural := map[string]string{
		"ConfigMap": "configmaps", "Secret": "secrets", "Service": "services", "ServiceAccount": "serviceaccounts", "Pod": "pods", "RoleBinding": "rolebindings",
		"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets", "ReplicaSet": "replicasets", "Job": "jobs", "CronJob": "cronjobs",
	}
	return o.GroupVersionKind().GroupVersion().WithResource(plural[o.GetKind()])
}

func anything(*unstructured.Unstructured) bool { return true }

func noNamespace(o *unstructured.Unstructured) bool { return o.GetKind() != "Namespace" }

// deleteNative deletes a native object of ours by hand.
func (w *walk) deleteNative(r *rand.Rand) string {
	o := w.owned(r, noNamespace)
	if o == nil {
		return "nothing native to delete"
	}
	how := propagations[r.IntN(3)]
	err := w.dynamic.Resource(resourceOf(o)).Namespace(o.GetNamespace()).Delete(w.Context(), o.GetName(), metav1.DeleteOptions{PropagationPolicy: &how})
	return fmt.Sprintf("delete native %s by hand%s", id(o), failed(w.tolerable(err)))
}

// edits change a field that we set, by kind.
var edits = map[string]string{
	"Deployment": `{"spec":{"replicas":3}}`, "StatefulSet": `{"spec":{"replicas":3}}`, "ReplicaSet": `{"spec":{"replicas":3}}`,
	"CronJob": `{"spec":{"schedule":"1 1 1 1 1"}}`, "RoleBinding": `{"subjects":[]}`,
	"ServiceAccount": `{"metadata":{"labels":{"app.kubernetes.io/managed-by":"hand"}}}`,
	"Pod":            `{"metadata":{"labels":{"xos.opencord.org/slice":"hand"}}}`,
	"Service":        `{"spec":{"selector":{"xos.opencord.org/namespace":"hand"}}}`,
}

// editOf is a change of something that we set; empty where there is none. What is
// beside our fields is others' to keep.
func editOf(o *unstructured.Unstructured) string {
	if edit := edits[o.GetKind()]; edit != "" {
		return edit
	}
	if o.GetLabels()["team"] != "" {
		return `{"metadata":{"labels":{"team":"hand"}}}`
	}
	data, _, _ := unstructured.NestedStringMap(o.Object, "data")
	for _, key := range slices.Sorted(maps.Keys(data)) {
		return inLine(map[string]any{"data": map[string]string{key: "aGFuZA=="}})
	}
	return ""
}

func (w *walk) patchByHand(o *unstructured.Unstructured, patch string) error {
	_, err := w.dynamic.Resource(resourceOf(o)).Namespace(o.GetNamespace()).
		Patch(w.Context(), o.GetName(), types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: byHand})
	return w.tolerable(err)
}

func (w *walk) editNative(r *rand.Rand) string {
	o := w.owned(r, func(o *unstructured.Unstructured) bool { return editOf(o) != "" })
	if o == nil {
		return "nothing native to edit"
	}
	return fmt.Sprintf("edit native %s by hand%s", id(o), failed(w.patchByHand(o, editOf(o))))
}

// untracked are ways in which tracking metadata get lost.
var untracked = []string{
	`{"metadata":{"annotations":{"xos.opencord.org/owner":null,"xos.opencord.org/applied":null}}}`,
	`{"metadata":{"labels":{"app.kubernetes.io/managed-by":null}}}`,
	`{"metadata":{"ownerReferences":null}}`,
	`{"metadata":{"annotations":{"xos.opencord.org/applied":"tampered"}}}`,
}

// removeTracking removes tracking metadata, or the owner reference, from a native object.
func (w *walk) removeTracking(r *rand.Rand) string {
	which := noNamespace
	if w.all {
		which = anything
	}
	o, patch := w.owned(r, which), untracked[r.IntN(len(untracked))]
	if o == nil {
		return "nothing native to remove tracking metadata from"
	}
	if owner, ok := ownership.OwnerOf(o, o.GroupVersionKind().GroupKind()); ok {
		w.left[ownerKey(owner.Kind, owner.Name.Namespace, owner.Name.Name)] = true
	}
	return fmt.Sprintf("patch native %s by hand: %s%s", id(o), patch, failed(w.patchByHand(o, patch)))
}
