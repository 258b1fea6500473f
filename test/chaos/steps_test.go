package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
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
	{4, (*walk).removeTracking},
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
	plane.Wait(w, waitTimeout, func(ctx context.Context) (bool, string) {
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
