// Package claims reads the API server's records of who manages which field of an
// object, and says what somebody has changed of that which was declared.
//
// A record is a tree. Its keys name the fields of a map ("f:name"), the items of a
// list that several managers may share ("k:{"name":"main"}"), or those of a set
// ("v:"text""). A leaf is one value to the API, whatever is below it: so the record
// of what a manager has written tells, without any schema, which maps and lists are
// one value. The server takes a field out of a manager's record when another one
// changes or removes it; what it changes itself while it admits the manager's own
// request stays in that manager's record.
//
// All functions are pure.
package claims

import (
	"encoding/json"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Of is the record of what a manager applied, among all records of who manages which
// field; nil where there is none.
func Of(records []metav1.ManagedFieldsEntry, manager string) *metav1.FieldsV1 {
	for _, r := range records {
		if r.Manager == manager && r.Operation == metav1.ManagedFieldsOperationApply && r.Subresource == "" {
			return r.FieldsV1
		}
	}
	return nil
}

// Others are the managers beside one that hold fields of an object, leaving out
// those who report on it in a subresource.
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

// String is the path for a person: "spec.template.spec.containers[main].image".
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

// with is the path to a part.
func (p Path) with(part string) Path { return append(slices.Clone(p), part) }

// field is the last name of a field in the path.
func (p Path) field() string {
	for _, part := range slices.Backward(p) {
		if !strings.HasPrefix(part, "[") {
			return part
		}
	}
	return ""
}

// Writers are the managers beside one whose records name one of these fields. Only a
// field's own name is compared, so it may be one too many where two have the same.
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

// node is a part of a record.
type node = map[string]any

func read(claim *metav1.FieldsV1) (node, bool) {
	if claim == nil {
		return nil, false
	}
	var held node
	if err := json.Unmarshal(claim.GetRawBytes(), &held); err != nil {
		return nil, false
	}
	return held, true
}

// WithoutOwners is a claim without that on owner references, whose keys are UIDs. All
// else that a claim holds is the same for all objects of one shape, so that they can
// share it.
func WithoutOwners(claim *metav1.FieldsV1) *metav1.FieldsV1 {
	var all, metadata map[string]json.RawMessage
	if json.Unmarshal(claim.GetRawBytes(), &all) != nil || json.Unmarshal(all["f:metadata"], &metadata) != nil {
		return claim
	}
	if _, owned := metadata["f:ownerReferences"]; !owned {
		return claim
	}
	delete(metadata, "f:ownerReferences")
	rest, err := json.Marshal(metadata)
	if err != nil {
		return claim
	}
	all["f:metadata"] = rest
	if rest, err = json.Marshal(all); err != nil {
		return claim
	}
	return metav1.NewFieldsV1(string(rest))
}

// identifying are the fields that nobody manages.
var identifying = map[string]bool{"apiVersion": true, "kind": true, "name": true, "namespace": true, "uid": true}

// findItem finds the item of an associative list or a set in a claim: "k:" and the
// fields that are its key, "v:" and the value itself. The key is nil in a set.
func findItem(claim node, item any) (key, held node, found bool) {
	for path, child := range claim {
		held, _ := child.(node)
		if text, ok := strings.CutPrefix(path, "k:"); ok {
			var key node
			if json.Unmarshal([]byte(text), &key) == nil && hasKey(item, key) {
				return key, held, true
			}
		}
		if text, ok := strings.CutPrefix(path, "v:"); ok {
			var element any
			if json.Unmarshal([]byte(text), &element) == nil && sameScalar(item, element) {
				return nil, held, true
			}
		}
	}
	return nil, nil, false
}

// hasKey says whether an item can have a key: what it leaves out the server may
// have filled in with a default.
func hasKey(item any, key node) bool {
	fields, ok := item.(node)
	if !ok {
		return false
	}
	for name, value := range key {
		if own, given := fields[name]; given && !sameScalar(own, value) {
			return false
		}
	}
	return true
}

// sameScalar compares two decoded values that are neither maps nor lists. Numbers may
// have been decoded as int64 or, as all those of a claim are, as floats.
func sameScalar(one, other any) bool {
	one, other = float(one), float(other)
	switch one.(type) {
	case node, []any:
		return false
	}
	switch other.(type) {
	case node, []any:
		return false
	}
	return one == other
}

func float(v any) any {
	if n, ok := v.(int64); ok {
		return float64(n)
	}
	return v
}
