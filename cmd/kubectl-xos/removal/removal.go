// Package removal judges what an uninstall of the manager and of the definitions would come to:
// what would not end, what is deleted with custom resources, and what is kept.
//
// Everything here is a pure function: no client, no clock, no I/O.
package removal

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/checks"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// Facts are what is judged.
type Facts struct {
	// Objects are those of all kinds, and the namespaces.
	Objects *snapshot.Snapshot
	// Leads is whether a manager leads.
	Leads checks.Fact[bool]
	// Pending is how many ConfigMaps keep the ends of pods that Kafka has not had.
	Pending checks.Fact[int]
	// ManagerNamespace is where the manager is.
	ManagerNamespace string
}

// Judge returns a result for each thing that has a bearing on an uninstall. A problem is what
// would not end.
func Judge(f Facts) []checks.Result {
	objects := snapshot.Of[xosv1.Object](f.Objects)
	namespaces := map[string]*corev1.Namespace{}
	for _, n := range snapshot.Of[*corev1.Namespace](f.Objects) {
		namespaces[n.Name] = n
	}
	results := []checks.Result{
		named("manager", manager(f, objects)),
		named("deletions", deletions(objects)),
		named("namespaces", terminating(objects, namespaces)),
		named("finalizers", foreign(objects)),
		named("blobs", blobs(objects)),
	}
	results = append(results, content(objects, namespaces)...)
	if f.Pending.Unread != "" {
		return append(results, named("events", checks.Result{Level: checks.Warning, Message: "whether ends of pods wait for Kafka is not known: " + f.Pending.Unread}))
	}
	if f.Pending.Value > 0 {
		results = append(results, named("events", checks.Result{Level: checks.Warning,
			Message: fmt.Sprintf("ends of pods that Kafka has not had are kept in namespace %s (ConfigMaps: %d)", f.ManagerNamespace, f.Pending.Value),
			Do:      "wait until Kafka has had them, or delete the namespace to forget them"}))
	}
	return results
}

func named(check string, r checks.Result) checks.Result {
	r.Check = check
	return r
}

func ok(format string, args ...any) checks.Result {
	return checks.Result{Level: checks.OK, Message: fmt.Sprintf(format, args...)}
}

func problem(do, format string, args ...any) checks.Result {
	return checks.Result{Level: checks.Problem, Message: fmt.Sprintf(format, args...), Do: do}
}

// list names the first of many.
func list(names []string) string {
	const most = 10
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

func ours(finalizer string) bool {
	return finalizer == xosv1.CleanupFinalizer || finalizer == xosv1.DeliveryFinalizer
}

// manager judges whether our finalizers are taken off.
func manager(f Facts, objects []xosv1.Object) checks.Result {
	var held []string
	for _, o := range objects {
		if slices.ContainsFunc(o.GetFinalizers(), ours) {
			held = append(held, snapshot.RefOf(o).String())
		}
	}
	switch {
	case f.Leads.Unread != "":
		return checks.Result{Level: checks.Warning, Message: "whether a manager leads is not known: " + f.Leads.Unread}
	case f.Leads.Value:
		return ok("a manager leads, and takes its finalizer off what is deleted: it is on %d objects", len(held))
	case len(held) == 0:
		return ok("no manager leads, and no object has its finalizer")
	}
	return problem("start a manager, or run: xos-controller-manager release --leader-elect-namespace "+f.ManagerNamespace,
		"no manager leads; with its finalizer on them, these can't be deleted, nor can their namespaces and definitions (%d): %s", len(held), list(held))
}

// deletions names what does not end already now.
func deletions(objects []xosv1.Object) checks.Result {
	var stuck []string
	for _, o := range objects {
		if o.GetDeletionTimestamp() == nil {
			continue
		}
		text := snapshot.RefOf(o).String()
		if c := ready(o); c != nil && c.Reason == xosv1.ReasonTerminating {
			text += ": " + c.Message
		} else if len(o.GetFinalizers()) > 0 {
			text += ", " + observe.HeldByFinalizers(o.GetFinalizers())
		}
		stuck = append(stuck, text)
	}
	if len(stuck) == 0 {
		return ok("no object is being deleted")
	}
	return problem("wait for them, or see docs/troubleshooting.md#a-deletion-does-not-end", "deletions that have not ended (%d): %s", len(stuck), strings.Join(stuck[:min(len(stuck), 10)], "; "))
}

func ready(o xosv1.Object) *metav1.Condition {
	return meta.FindStatusCondition(o.GetObjectStatus().Conditions, xosv1.ConditionReady)
}

// terminating names namespaces with objects of ours that do not end.
func terminating(objects []xosv1.Object, namespaces map[string]*corev1.Namespace) checks.Result {
	concerned := map[string]bool{}
	for _, o := range objects {
		concerned[o.GetNamespace()] = true
		if d, ok := o.(*xosv1.TrustDomain); ok {
			concerned[desired.NamespaceOf(d)] = true
		}
	}
	var stuck []string
	for name, n := range namespaces {
		if n.DeletionTimestamp == nil || !concerned[name] {
			continue
		}
		var why []string
		for _, c := range n.Status.Conditions {
			if c.Status == corev1.ConditionTrue {
				why = append(why, c.Message)
			}
		}
		stuck = append(stuck, strings.TrimSuffix(name+": "+strings.Join(why, " "), ": "))
	}
	slices.Sort(stuck)
	if len(stuck) == 0 {
		return ok("no namespace with objects of xos.opencord.org is terminating")
	}
	return problem("delete what is left in them, or have its finalizers taken off by their owners", "namespaces that are terminating (%d): %s", len(stuck), strings.Join(stuck[:min(len(stuck), 10)], "; "))
}

// foreign names what others hold.
func foreign(objects []xosv1.Object) checks.Result {
	var held []string
	for _, o := range objects {
		theirs := slices.DeleteFunc(slices.Clone(o.GetFinalizers()), func(finalizer string) bool {
			return ours(finalizer) || finalizer == metav1.FinalizerDeleteDependents || finalizer == metav1.FinalizerOrphanDependents
		})
		if len(theirs) > 0 {
			held = append(held, snapshot.RefOf(o).String()+" ("+strings.Join(theirs, ", ")+")")
		}
	}
	if len(held) == 0 {
		return ok("no object has a finalizer of another client")
	}
	return problem("have these clients take them off before the definitions are deleted", "finalizers of other clients, which the manager does not take off, are on these (%d): %s", len(held), list(held))
}

// cantClean are the reasons for which a blob is not cleaned up.
var cantClean = []string{xosv1.ReasonForbidden, xosv1.ReasonNotAdmitted, xosv1.ReasonReferenceNotFound}

// blobs names those whose account is gone or has no rights.
func blobs(objects []xosv1.Object) checks.Result {
	var stuck []string
	count := 0
	for _, o := range objects {
		r, isBlob := o.(*xosv1.KubernetesResourceInstance)
		if !isBlob || !xosv1.IsManaged(r) || len(r.Status.Inventory) == 0 || r.Spec.DeletionPolicy == xosv1.DeletionPolicyOrphan {
			continue
		}
		count++
		if c := ready(r); c != nil && c.Status == metav1.ConditionFalse && slices.Contains(cantClean, c.Reason) {
			stuck = append(stuck, fmt.Sprintf("%s (resources: %d): %s: %s", snapshot.RefOf(r), len(r.Status.Inventory), c.Reason, c.Message))
		}
	}
	if len(stuck) == 0 {
		return ok("KubernetesResourceInstances delete what they have applied, and their accounts may (%d)", count)
	}
	return problem("restore these rights, or set spec.deletionPolicy to Orphan, which keeps what was applied",
		"blobs that can't delete what they have applied (%d): %s", len(stuck), strings.Join(stuck[:min(len(stuck), 10)], "; "))
}

// content says what is deleted natively where custom resources are deleted while a manager
// runs, and what is kept. Namespaces are deleted with all that is in them.
func content(objects []xosv1.Object, namespaces map[string]*corev1.Namespace) []checks.Result {
	ending := map[string]bool{}
	for _, o := range objects {
		if d, isDomain := o.(*xosv1.TrustDomain); isDomain && xosv1.IsManaged(d) && endsNatively(d, namespaces[desired.NamespaceOf(d)]) {
			ending[desired.NamespaceOf(d)] = true
		}
	}
	deleted, kept, recorded, lost := 0, 0, 0, map[string]int{}
	for _, o := range objects {
		switch {
		case !xosv1.IsManaged(o):
			recorded++
			if o.GetObjectKind().GroupVersionKind().Kind == "KubernetesServiceInstance" && ending[o.GetNamespace()] {
				lost[o.GetNamespace()]++
			}
		case !hasNative(o):
		case o.GetLifecycle().DeletionPolicy == xosv1.DeletionPolicyOrphan:
			kept++
		default:
			deleted++
		}
	}
	results := []checks.Result{
		named("deleted", ok("with all custom resources, while a manager runs: native objects of custom resources (%d), and namespaces with all that is in them: %s", deleted, orNone(ending))),
		named("kept", ok("native objects of custom resources with deletionPolicy: Orphan (%d), those that were adopted without deletionPolicy: Delete, and what is recorded (%d); "+
			"by helm uninstall alone, or release: all custom resources and native objects", kept, recorded)),
	}
	var others []string
	for namespace, pods := range lost {
		others = append(others, fmt.Sprintf("%s (pods: %d)", namespace, pods))
	}
	slices.Sort(others)
	if len(others) > 0 {
		results = append(results, named("pods", checks.Result{Level: checks.Warning,
			Message: "pods in namespaces that are deleted with their trust domains, controllers' and other clients': " + list(others),
			Do:      "set spec.deletionPolicy of a trust domain to Orphan to keep its namespace"}))
	}
	return results
}

// hasNative returns whether there is a native object of an object.
func hasNative(o xosv1.Object) bool {
	if r, ok := o.(*xosv1.KubernetesResourceInstance); ok {
		return len(r.Status.Inventory) > 0
	}
	return o.GetObjectStatus().BackendHandle != ""
}

// endsNatively returns whether a namespace is deleted with its trust domain.
func endsNatively(d *xosv1.TrustDomain, n *corev1.Namespace) bool {
	if d.Spec.DeletionPolicy == xosv1.DeletionPolicyOrphan || desired.NamespaceOf(d) == metav1.NamespaceDefault {
		return false
	}
	if n == nil {
		return d.Status.BackendHandle != ""
	}
	owner, owned := ownership.OwnerOf(n, schema.GroupKind{Kind: "Namespace"})
	if !owned || owner.UID != d.UID {
		return false
	}
	return n.Annotations[xosv1.AdoptedAnnotation] == "" || d.Spec.DeletionPolicy == xosv1.DeletionPolicyDelete
}

func orNone(names map[string]bool) string {
	var sorted []string
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	if len(sorted) == 0 {
		return "(none)"
	}
	return list(sorted)
}
