package record

import (
	"encoding/json"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Claim is what other field managers have done to a record.
type Claim struct {
	// Applied is true where a manifest was applied, by the server or by kubectl.
	Applied bool
	// Managed is true where no client but us has set xosManaged.
	Managed bool
	// Fields are the fields of the spec that no other client has set and that may change.
	Fields []string
}

// fieldSet is what an entry of the managed fields names.
type fieldSet struct {
	Metadata struct {
		Annotations map[string]json.RawMessage `json:"f:annotations"`
	} `json:"f:metadata"`
	Spec map[string]json.RawMessage `json:"f:spec"`
}

// fixedFields can't be changed once they are set, and mean in a record what leaving
// them out means.
var fixedFields = []string{"owner", "namespace", "trustDomain"}

// ClaimOn reads what other clients have done to a record off its managed fields and off the
// manifest that kubectl keeps in an annotation.
func ClaimOn(o metav1.Object) Claim {
	own, others := map[string]bool{}, map[string]bool{}
	c := Claim{}
	for _, entry := range o.GetManagedFields() {
		var f fieldSet
		if entry.Subresource != "" || entry.FieldsV1 == nil || json.Unmarshal(entry.FieldsV1.GetRawBytes(), &f) != nil {
			continue
		}
		set := others
		if entry.Manager == xosv1.FieldManager {
			set = own
		} else {
			_, byKubectl := f.Metadata.Annotations["f:"+corev1.LastAppliedConfigAnnotation]
			c.Applied = c.Applied || byKubectl || entry.Operation == metav1.ManagedFieldsOperationApply
		}
		for field := range f.Spec {
			if len(field) > len("f:") {
				set[field[len("f:"):]] = true
			}
		}
	}
	var manifest struct {
		Spec map[string]json.RawMessage `json:"spec"`
	}
	if applied := o.GetAnnotations()[corev1.LastAppliedConfigAnnotation]; applied != "" && json.Unmarshal([]byte(applied), &manifest) == nil {
		for field := range manifest.Spec {
			others[field] = true
		}
	}
	c.Managed = own[ManagedField] && !others[ManagedField]
	for _, field := range slices.Sorted(maps.Keys(own)) {
		if !others[field] && !slices.Contains(fixedFields, field) {
			c.Fields = append(c.Fields, field)
		}
	}
	return c
}

// ManagedField is the field of a spec that makes the object a record or not.
const ManagedField = "xosManaged"
