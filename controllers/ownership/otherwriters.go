package ownership

import (
	"encoding/json"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// writtenByOthers is what a cache keeps of the records of who manages which field,
// for a record of the pull's that another field manager has written to. All objects
// share it. No real entry lacks an operation.
var writtenByOthers = []metav1.ManagedFieldsEntry{{Manager: "another field manager"}}

// appliedByOthers is writtenByOthers for a record that a manifest was applied to, which
// does not itself say that it is one.
var appliedByOthers = []metav1.ManagedFieldsEntry{writtenByOthers[0], {Manager: "another applier"}}

// WrittenByOthers returns whether another field manager has written to the metadata or spec
// of a record that the pull made, as a cache holds it. A change of xosManaged, of a finalizer
// or of an owner reference does not count.
func WrittenByOthers(o metav1.Object) bool { return hasTrace(o, writtenByOthers[0]) }

// AppliedByOthers returns whether another client has applied a manifest that does not set
// xosManaged to a record that the pull made, as a cache holds it: what that declares has no
// effect.
func AppliedByOthers(o metav1.Object) bool { return hasTrace(o, appliedByOthers[1]) }

func hasTrace(o metav1.Object, trace metav1.ManagedFieldsEntry) bool {
	return slices.ContainsFunc(o.GetManagedFields(), func(f metav1.ManagedFieldsEntry) bool {
		return f.Operation == "" && f.Manager == trace.Manager
	})
}

// TraceOfOthers returns what Trim leaves of an object's managed fields for WrittenByOthers
// and AppliedByOthers: nothing, except on records of the pull's.
func TraceOfOthers(o metav1.Object) []metav1.ManagedFieldsEntry {
	if _, custom := o.(xosv1.Object); !custom || o.GetLabels()[xosv1.PulledLabel] == "" {
		return nil
	}
	if AppliedByOthers(o) || appliedOver(o) {
		return appliedByOthers
	}
	if WrittenByOthers(o) || slices.ContainsFunc(o.GetManagedFields(), writesByAnother) {
		return writtenByOthers
	}
	return nil
}

// writesByAnother returns whether an entry is of another field manager's writes to
// metadata or spec. It decodes two levels of the entry as JSON: package fieldpath decodes
// all of them, which takes a quarter to two thirds more time, and two to three times the
// allocations, for each event of a record.
func writesByAnother(f metav1.ManagedFieldsEntry) bool {
	if f.Manager == xosv1.FieldManager || f.Subresource != "" || f.FieldsV1 == nil {
		return false
	}
	var fields struct {
		Metadata map[string]json.RawMessage `json:"f:metadata"`
		Spec     map[string]json.RawMessage `json:"f:spec"`
	}
	if err := json.Unmarshal(f.FieldsV1.GetRawBytes(), &fields); err != nil {
		return true // unknown: nothing is deleted that another client may have written
	}
	for _, ignored := range []string{".", "f:finalizers", "f:ownerReferences"} {
		delete(fields.Metadata, ignored)
	}
	for _, ignored := range []string{".", "f:xosManaged"} {
		delete(fields.Spec, ignored)
	}
	return len(fields.Metadata)+len(fields.Spec) > 0
}

// appliedOver returns whether another client has applied a manifest to an object, by the server
// or by kubectl, and no other client has set xosManaged.
func appliedOver(o metav1.Object) bool {
	applied := false
	for _, f := range o.GetManagedFields() {
		var fields struct {
			Metadata struct {
				Annotations map[string]json.RawMessage `json:"f:annotations"`
			} `json:"f:metadata"`
			Spec map[string]json.RawMessage `json:"f:spec"`
		}
		if f.Manager == xosv1.FieldManager || !writesByAnother(f) || json.Unmarshal(f.FieldsV1.GetRawBytes(), &fields) != nil {
			continue
		}
		if _, said := fields.Spec["f:xosManaged"]; said {
			return false
		}
		_, byKubectl := fields.Metadata.Annotations["f:"+corev1.LastAppliedConfigAnnotation]
		applied = applied || byKubectl || f.Operation == metav1.ManagedFieldsOperationApply
	}
	var manifest struct {
		Spec map[string]json.RawMessage `json:"spec"`
	}
	if text := o.GetAnnotations()[corev1.LastAppliedConfigAnnotation]; applied && text != "" && json.Unmarshal([]byte(text), &manifest) == nil {
		_, said := manifest.Spec["xosManaged"]
		return !said
	}
	return applied
}
