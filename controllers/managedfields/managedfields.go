// Package managedfields reads metadata.managedFields, the API server's records of who manages
// which field of an object, and reports what other clients have changed of the applied fields.
//
// A record is a tree. Its keys name the fields of a map ("f:name"), the items of a list that
// several managers may share ("k:{"name":"main"}"), or those of a set ("v:"text""). A leaf is one
// value to the API, whatever is below it: so the record of a manager's write shows, without a
// schema, which maps and lists are atomic. The server removes a field from a manager's record when
// another one changes or removes it; what the server itself changes while it admits the manager's
// own request remains in that manager's record.
//
// All functions are pure.
package managedfields

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Of returns the record of what a manager applied; nil if there is none.
func Of(records []metav1.ManagedFieldsEntry, manager string) *metav1.FieldsV1 {
	for _, r := range records {
		if r.Manager == manager && r.Operation == metav1.ManagedFieldsOperationApply && r.Subresource == "" {
			return r.FieldsV1
		}
	}
	return nil
}

// Others returns the other managers that hold fields of an object, except those that report on it
// in a subresource.
func Others(records []metav1.ManagedFieldsEntry, manager string) []string {
	var others []string
	for _, r := range records {
		if r.Manager != manager && r.Subresource == "" {
			others = append(others, r.Manager)
		}
	}
	return others
}

// Path names a field: the names of the fields that lead to it, and items of lists as
// "[main]".
type Path []string

// String returns the path for a person: "spec.template.spec.containers[main].image".
func (p Path) String() string {
	var text strings.Builder
	for i, part := range p {
		if i > 0 && !strings.HasPrefix(part, "[") {
			text.WriteString(".")
		}
		text.WriteString(part)
	}
	return text.String()
}

// with returns the path to a part.
func (p Path) with(part string) Path { return append(slices.Clone(p), part) }

// field returns the last name of a field in the path.
func (p Path) field() string {
	for _, part := range slices.Backward(p) {
		if !strings.HasPrefix(part, "[") {
			return part
		}
	}
	return ""
}

// Writers returns the other managers whose records contain one of these fields. Only a field's own
// name is compared, so there may be a false positive where two fields have the same name.
func Writers(records []metav1.ManagedFieldsEntry, manager string, fields []Path) []string {
	var found []string
	for _, r := range records {
		if r.Manager == manager || r.FieldsV1 == nil {
			continue
		}
		names := r.FieldsV1.GetRawString()
		if slices.ContainsFunc(fields, func(p Path) bool { return strings.Contains(names, `"f:`+p.field()+`"`) }) {
			found = append(found, r.Manager)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// identifying are the fields without a manager.
var identifying = map[string]bool{"apiVersion": true, "kind": true, "name": true, "namespace": true, "uid": true}
