package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const cleanup = xosv1.CleanupFinalizer

// choices are the kinds of steps, with how often they are taken. Each says what it
// did.
var choices = []struct {
	weight int
	take   func(*walk, *rand.Rand) string
}{
	{30, (*walk).applySome},
	{10, (*walk).deleteOne},
	{6, (*walk).recreate},
	{4, (*walk).stripFinalizer},
	{3, (*walk).restore},
	{8, (*walk).deleteNative},
	{8, (*walk).editNative},
	{4, (*walk).takeMarksOff},
	{6, (*walk).bystand},
	{3, (*walk).offer},
	{2, (*walk).deleteNamespace},
	{2, (*walk).changeDomain},
	{18, func(w *walk, r *rand.Rand) string { return w.crew.disturb(r) }},
	{12, (*walk).breathe},
}

func (w *walk) step(number int) {
	w.Helper()
	r := w.random(number)
	total := 0
	for _, c := range choices {
		total += c.weight
	}
	pick := r.IntN(total)
	for _, c := range choices {
		if pick -= c.weight; pick < 0 {
			w.note("%s", c.take(w, r))
			return
		}
	}
}

func (w *walk) slot(r *rand.Rand) slot { return w.slots[r.IntN(len(w.slots))] }

// applySome applies a few objects.
func (w *walk) applySome(r *rand.Rand) string {
	said := "apply"
	for range 1 + r.IntN(5) {
		s := w.slot(r)
		o := s.manifest(r)
		w.mayStay(o)
		err := w.apply(o)
		said += fmt.Sprintf("\n            %s %s%s", s, inLine(o.Object["spec"]), failed(err))
	}
	return said
}

// mayStay notes that what an object makes may outlive it by its own word.
func (w *walk) mayStay(o *unstructured.Unstructured) {
	spec, _ := o.Object["spec"].(map[string]any)
	if spec["deletionPolicy"] == "Orphan" || spec["xosManaged"] == false || spec["adopt"] != nil {
		w.left[ownerKey(o.GetKind(), o.GetNamespace(), o.GetName())] = true
	}
}

func ownerKey(kind, namespace, name string) string { return kind + " " + namespace + "/" + name }

func inLine(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func failed(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf(" (%v)", err)
}

var propagations = []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationBackground, metav1.DeletePropagationForeground, metav1.DeletePropagationOrphan}

func (w *walk) delete(r *rand.Rand, s slot) string {
	how := propagations[r.IntN(len(propagations))]
	if how == metav1.DeletePropagationOrphan {
		w.left[ownerKey(s.kind, s.namespace, s.name)] = true
	}
	err := w.dynamic.Resource(resources[s.kind]).Namespace(s.namespace).Delete(w.Context(), s.name, metav1.DeleteOptions{PropagationPolicy: &how})
	return fmt.Sprintf("delete %s, %s%s", s, how, failed(w.tolerable(err)))
}

func (w *walk) deleteOne(r *rand.Rand) string { return w.delete(r, w.slot(r)) }

// recreate deletes an object and makes it again at once, if it is gone by then.
func (w *walk) recreate(r *rand.Rand) string {
	s := w.slot(r)
	said := w.delete(r, s)
	o := s.manifest(r)
	w.mayStay(o)
	return said + fmt.Sprintf("\n            and apply %s%s", inLine(o.Object["spec"]), failed(w.apply(o)))
}

func without(finalizers []string) string {
	kept := slices.DeleteFunc(slices.Clone(finalizers), func(f string) bool { return f == cleanup })
	return inLine(map[string]any{"metadata": map[string]any{"finalizers": kept}})
}

// stripFinalizer takes our finalizer off by hand.
func (w *walk) stripFinalizer(r *rand.Rand) string {
	s := w.slot(r)
	client := w.dynamic.Resource(resources[s.kind]).Namespace(s.namespace)
	o, err := client.Get(w.Context(), s.name, metav1.GetOptions{})
	if w.tolerable(err) != nil {
		return fmt.Sprintf("no %s to take a finalizer off", s)
	}
	w.left[ownerKey(s.kind, s.namespace, s.name)] = true
	_, err = client.Patch(w.Context(), s.name, types.MergePatchType, []byte(without(o.GetFinalizers())), metav1.PatchOptions{FieldManager: byHand})
	return fmt.Sprintf("take the finalizer off %s%s", s, failed(w.tolerable(err)))
}

// restore is what a backup that is restored comes to: the owner is another one, and
// what it made has kept its annotations and lost its owner references.
func (w *walk) restore(r *rand.Rand) string {
	s := w.slot(r)
	client := w.dynamic.Resource(resources[s.kind]).Namespace(s.namespace)
	o, err := client.Get(w.Context(), s.name, metav1.GetOptions{})
	if w.tolerable(err) != nil {
		return fmt.Sprintf("no %s to restore", s)
	}
	w.left[ownerKey(s.kind, s.namespace, s.name)] = true
	orphan := metav1.DeletePropagationOrphan
	_, err = client.Patch(w.Context(), s.name, types.MergePatchType, []byte(without(o.GetFinalizers())), metav1.PatchOptions{FieldManager: byHand})
	_ = w.tolerable(err)
	_ = w.tolerable(client.Delete(w.Context(), s.name, metav1.DeleteOptions{PropagationPolicy: &orphan}))
	w.gone(s, o.GetUID())
	again := &unstructured.Unstructured{Object: map[string]any{"apiVersion": o.GetAPIVersion(), "kind": o.GetKind(), "spec": o.Object["spec"]}}
	again.SetName(o.GetName())
	again.SetNamespace(o.GetNamespace())
	again.SetAnnotations(o.GetAnnotations())
	return fmt.Sprintf("restore %s%s", s, failed(w.apply(again)))
}

// owned picks a native object that carries a mark; nil where there is none.
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

// marksOff are ways in which marks get lost.
var marksOff = []string{
	`{"metadata":{"annotations":{"xos.opencord.org/owner":null,"xos.opencord.org/applied":null}}}`,
	`{"metadata":{"labels":{"app.kubernetes.io/managed-by":null}}}`,
	`{"metadata":{"ownerReferences":null}}`,
	`{"metadata":{"annotations":{"xos.opencord.org/applied":"tampered"}}}`,
}

// takeMarksOff takes marks, or the owner reference, off a native object.
func (w *walk) takeMarksOff(r *rand.Rand) string {
	which := noNamespace
	if w.all {
		which = anything
	}
	o, patch := w.owned(r, which), marksOff[r.IntN(len(marksOff))]
	if o == nil {
		return "nothing native to take marks off"
	}
	if owner, ok := ownership.OwnerOf(o, o.GroupVersionKind().GroupKind()); ok {
		w.left[ownerKey(owner.Kind, owner.Name.Namespace, owner.Name.Name)] = true
	}
	return fmt.Sprintf("patch native %s by hand: %s%s", id(o), patch, failed(w.patchByHand(o, patch)))
}

// deleteNamespace deletes a namespace with all in it.
func (w *walk) deleteNamespace(r *rand.Rand) string {
	candidates := w.places()
	if w.all {
		candidates = append(candidates, w.env+"-home")
	}
	name := candidates[r.IntN(len(candidates))]
	err := w.kube.CoreV1().Namespaces().Delete(w.Context(), name, metav1.DeleteOptions{})
	return fmt.Sprintf("delete namespace %s%s", name, failed(w.tolerable(err)))
}

// changeDomain changes or deletes a trust domain.
func (w *walk) changeDomain(r *rand.Rand) string {
	d := w.domains[r.IntN(len(w.domains))]
	if r.IntN(3) == 0 {
		return w.delete(r, d)
	}
	o := d.manifest(r)
	w.mayStay(o)
	return fmt.Sprintf("apply %s %s%s", d, inLine(o.Object["spec"]), failed(w.apply(o)))
}

// breathe lets the managers work for a moment: until those that can send nothing.
func (w *walk) breathe(r *rand.Rand) string {
	limit := time.Duration(200+r.IntN(2000)) * time.Millisecond
	ctx, cancel := context.WithTimeout(w.Context(), limit)
	defer cancel()
	w.crew.idle(ctx, 300*time.Millisecond)
	return "breathe"
}

// home makes the namespace of custom resources again.
func (w *walk) home() {
	w.Helper()
	w.addNamespace(w.env + "-home")
	plane.Wait(w, patience, func(ctx context.Context) (bool, string) {
		for _, d := range w.domains {
			o := d.object(d.specs[0])
			o.Object["spec"].(map[string]any)["adopt"] = "IfUnowned"
			o.Object["spec"].(map[string]any)["xosManaged"] = true
			if _, err := w.client(o).Apply(ctx, o.GetName(), o, metav1.ApplyOptions{FieldManager: user, Force: true}); err != nil {
				return false, err.Error()
			}
			got, err := w.client(o).Get(ctx, o.GetName(), metav1.GetOptions{})
			if err != nil {
				return false, err.Error()
			}
			if ready, reason := readiness(got); ready != "True" || reason != "Succeeded" || got.GetDeletionTimestamp() != nil {
				return false, fmt.Sprintf("%s is %s, %s", d, ready, reason)
			}
			namespace, err := w.kube.CoreV1().Namespaces().Get(ctx, d.name, metav1.GetOptions{})
			if err != nil || namespace.DeletionTimestamp != nil {
				return false, fmt.Sprintf("namespace %s ends, or is not there: %v", d.name, err)
			}
		}
		return true, ""
	})
}

// destroy deletes all custom resources of an environment, in any order.
func (w *walk) destroy(env string, r *rand.Rand) {
	w.Helper()
	all, err := w.customs(w.Context(), env)
	if err != nil {
		w.Fatal(err)
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i := range all {
		err := w.client(&all[i]).Delete(w.Context(), all[i].GetName(), metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			w.Fatal(err)
		}
	}
}
