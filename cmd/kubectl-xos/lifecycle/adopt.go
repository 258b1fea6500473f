package lifecycle

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// Adopting returns the kinds that can take over what exists by a command: those of which one
// native object of one kind is known.
func Adopting() []string {
	return []string{"TrustDomain", "Principal", "Slice", "KubernetesServiceInstance", "KubernetesConfigMap", "KubernetesSecret"}
}

// Releasing returns the kinds that can hand back what they manage.
func Releasing() []string { return append(Adopting(), "Service", "KubernetesResourceInstance") }

// Native is a native object by its kind and name.
type Native struct {
	schema.GroupVersionKind
	// Resource is the kind's.
	Resource string
	Name     cache.ObjectName
}

// String names the object for a person.
func (n Native) String() string { return n.Kind + " " + n.Name.String() }

// neverTakenOver are native kinds that our objects have and that are not taken over by a command:
// nodes never are, and a Service is one of several that an object has.
var neverTakenOver = []string{"Node", "Service"}

// NativeOf returns what an object would take over: what it records, or else the native object of
// its name in the namespace of its trust domain.
func NativeOf(o *unstructured.Unstructured, namespace string) (Native, error) {
	var kind string
	name := cache.NewObjectName(namespace, o.GetName())
	switch o.GetKind() {
	case "TrustDomain":
		kind, name = "Namespace", cache.NewObjectName("", o.GetName())
		if other, _, _ := unstructured.NestedString(o.Object, "spec", "namespace"); other != "" {
			name.Name = other
		}
	case "Principal":
		kind = "ServiceAccount"
	case "KubernetesServiceInstance":
		kind = "Pod"
	case "Slice":
		if kind, _, _ = unstructured.NestedString(o.Object, "spec", "controllerKind"); kind == "" {
			return Native{}, errors.New("has no controller (spec.controllerKind): there is nothing to take over")
		}
	default:
		kind = strings.TrimPrefix(o.GetKind(), "Kubernetes")
	}
	recorded, ok := ownership.MirroredBy(o)
	if ok && recorded.Name.Name != name.Name {
		return Native{}, fmt.Errorf("records %s %s, and can take over what has its own name only: if the label %s there names it, take that off, "+
			"and take over the record that comes then", recorded.Kind.Kind, recorded.Name, xosv1.SliceNameLabel)
	}
	for resource, gvk := range snapshot.Natives {
		if gvk.Kind == kind && !slices.Contains(neverTakenOver, kind) && (!ok || gvk.GroupKind() == recorded.Kind.GroupKind()) {
			return Native{gvk, resource, name}, nil
		}
	}
	return Native{}, fmt.Errorf("records a %s, which can't be taken over", kind)
}

// Domain is what the trust domain of an object says of adoption.
type Domain struct {
	Managed bool
	Policy  xosv1.DomainAdoption
}

// Takeover is what adopting or releasing comes to.
type Takeover struct {
	Change
	// Consent says that the annotation xosv1.AdoptableAnnotation has to be put on the native object.
	Consent bool
	// Effects say beforehand what will happen.
	Effects []string
}

// Adopt returns how an object takes over a native one, by the rules of the manager.
func Adopt(o *unstructured.Unstructured, n Native, live metav1.Object, domain Domain) (Takeover, error) {
	if live == nil {
		return Takeover{}, fmt.Errorf("there is no %s to take over", n)
	}
	owner, owned := ownership.OwnerOf(live, n.GroupKind())
	switch {
	case owned && owner.UID == o.GetUID() && field(o, "xosManaged", true):
		return Takeover{Change: Change{}}, nil
	case owned:
		return Takeover{}, fmt.Errorf("%s belongs to another object of XOS: release it there first", n)
	case live.GetDeletionTimestamp() != nil:
		return Takeover{}, fmt.Errorf("%s is being deleted", n)
	}
	if controller := metav1.GetControllerOfNoCopy(live); controller != nil {
		return Takeover{}, fmt.Errorf("%s belongs to %s %s, and is never taken over from that: take over the controller", n, controller.Kind, controller.Name)
	}
	if err := ownership.CheckManagedBy(n.Kind, live); err != nil {
		return Takeover{}, err
	}
	rule := ownership.AdoptionRuleOf(n.GroupKind())
	consented := &metav1.ObjectMeta{Name: live.GetName(), Annotations: map[string]string{xosv1.AdoptableAnnotation: "true"}}
	for key, value := range live.GetAnnotations() {
		if key != xosv1.AdoptableAnnotation {
			consented.Annotations[key] = value
		}
	}
	if err := rule.Check(n.String(), consented, domain.Policy); err != nil {
		return Takeover{}, err
	}
	t := Takeover{Change: Change{Spec: map[string]any{}, Done: "adopts " + n.String()}}
	// In a namespace that is only recorded, the fence lets the manager write what consents itself.
	has := live.GetAnnotations()[xosv1.AdoptableAnnotation] == "true"
	t.Consent = !has && rule.Consent != ownership.ConsentOfOwner && (!domain.Managed || !rule.Allows(live, domain.Policy))
	if !field(o, "xosManaged", true) {
		t.Spec["xosManaged"] = true
	}
	if adopt, _, _ := unstructured.NestedString(o.Object, "spec", "adopt"); adopt != string(xosv1.AdoptIfUnowned) {
		t.Spec["adopt"] = string(xosv1.AdoptIfUnowned)
	}
	t.Effects = adopting(o, n, t.Consent)
	return t, nil
}

func adopting(o *unstructured.Unstructured, n Native, consent bool) []string {
	effects := []string{fmt.Sprintf("%s manages %s: what its spec declares is kept so, and all else stays as it is", title(o), n)}
	if consent {
		effects = append(effects, fmt.Sprintf("%s gets the annotation %s: \"true\", the consent to that", n, xosv1.AdoptableAnnotation))
	}
	_, template, _ := unstructured.NestedMap(o.Object, "spec", "template")
	switch {
	case o.GetKind() == "TrustDomain":
		level, _, _ := unstructured.NestedString(o.Object, "spec", "podSecurity")
		if level == "" {
			level = string(xosv1.PodSecurityBaseline)
		}
		effects = append(effects, fmt.Sprintf("the namespace enforces the Pod Security Standard %s on pods that are created from then on", level))
	case o.GetKind() == "Slice" && template:
		effects = append(effects, "its pods become those of spec.template: where that differs from what runs, they are replaced")
	case o.GetKind() == "Slice", o.GetKind() == "KubernetesServiceInstance" && !template:
		effects = append(effects, "pods go on running")
	}
	policy, _, _ := unstructured.NestedString(o.Object, "spec", "deletionPolicy")
	if policy == string(xosv1.DeletionPolicyDelete) {
		return append(effects, fmt.Sprintf("%s is deleted with it, since spec.deletionPolicy is Delete", n))
	}
	return append(effects, fmt.Sprintf("%s stays when it is deleted, unless spec.deletionPolicy is Delete", n))
}

// Release returns how an object hands back what it manages.
func Release(o *unstructured.Unstructured) (Takeover, error) {
	if !field(o, "xosManaged", true) {
		return Takeover{}, nil
	}
	t := Takeover{Change: Change{Spec: map[string]any{"xosManaged": false}, Done: "released"}}
	what := "what it manages"
	if handle, _, _ := unstructured.NestedString(o.Object, "status", "backendHandle"); handle != "" {
		what = handle
	}
	t.Effects = []string{
		fmt.Sprintf("%s becomes a record: XOS changes, repairs and deletes nothing for it any more", title(o)),
		fmt.Sprintf("%s stays as it is, without the tracking metadata of XOS", what),
	}
	switch o.GetKind() {
	case "TrustDomain", "Principal":
		t.Effects = append(t.Effects, "RoleBindings that XOS made for it are deleted: a record has no roles")
	case "Slice", "KubernetesServiceInstance":
		t.Effects = append(t.Effects, "pods go on running, and mounts that are changed do not reach them")
	}
	if field(o, "suspend", false) {
		t.Notes = []string{"spec.suspend is true: nothing changes natively while it is"}
	}
	return t, nil
}

func title(o *unstructured.Unstructured) string {
	return strings.TrimSpace(o.GetKind() + " " + strings.TrimPrefix(o.GetNamespace()+"/"+o.GetName(), "/"))
}
