package managedfields

import (
	"bytes"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/value"
)

// node is a map of an object, decoded from JSON.
type node = map[string]any

// record is a part of a manager's record: what it holds below a field or an item. It is nil for a
// leaf, and for what it does not hold.
type record = *fieldpath.Set

// read decodes a record. ok is false if there is none or it is unreadable.
func read(claim *metav1.FieldsV1) (held record, ok bool) {
	if claim == nil {
		return nil, false
	}
	held = &fieldpath.Set{}
	if err := held.FromJSON(bytes.NewReader(claim.GetRawBytes())); err != nil {
		return nil, false
	}
	return held, true
}

// part returns what a record holds below a field or an item, and whether it holds that at all.
func part(of record, element fieldpath.PathElement) (held record, found bool) {
	if of == nil {
		return nil, false
	}
	if held, found = of.Children.Get(element); found {
		return held, true
	}
	return nil, of.Members.Has(element)
}

// isLeaf returns whether a record holds a value as a whole.
func isLeaf(r record) bool { return r == nil || r.Empty() }

// findItem finds the item of an associative list or a set in a record. The key is nil in a set.
// The library's iterators can't return early, so a callback skips the rest.
func findItem(in record, item any) (key *value.FieldList, held record, found bool) {
	if in == nil {
		return nil, nil, false
	}
	visit := func(element fieldpath.PathElement) {
		if !found && isItem(item, element) {
			key, found = element.Key, true
			held, _ = in.Children.Get(element)
		}
	}
	in.Children.Iterate(visit)
	in.Members.Iterate(visit)
	return key, held, found
}

func isItem(item any, element fieldpath.PathElement) bool {
	switch {
	case element.Key != nil:
		return hasKey(item, *element.Key)
	case element.Value != nil:
		return sameScalar(item, (*element.Value).Unstructured())
	}
	return false
}

// hasKey returns whether an item can have a key: what it leaves out the server may
// have filled in with a default.
func hasKey(item any, key value.FieldList) bool {
	fields, ok := item.(node)
	if !ok {
		return false
	}
	for _, field := range key {
		if own, given := fields[field.Name]; given && !sameScalar(own, field.Value.Unstructured()) {
			return false
		}
	}
	return true
}

// sameScalar compares two decoded values that are neither maps nor lists. Numbers may be decoded
// as int64 or, as in a record, as floats.
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

// ownerReferences is where the metadata of an object refer to its owners.
var ownerReferences = fieldpath.NewSet(fieldpath.MakePathOrDie("ownerReferences"))

// WithoutOwners returns a record without the fields of owner references, whose keys are UIDs. All
// else that it holds is the same for all objects of one shape, so that they can share it.
func WithoutOwners(claim *metav1.FieldsV1) *metav1.FieldsV1 {
	held, ok := read(claim)
	if !ok {
		return claim
	}
	metadata, _ := part(held, fieldpath.FieldNameElement("metadata"))
	if _, owned := part(metadata, fieldpath.FieldNameElement("ownerReferences")); !owned {
		return claim
	}
	*metadata = *metadata.RecursiveDifference(ownerReferences)
	data, err := held.ToJSON()
	if err != nil {
		return claim
	}
	return metav1.NewFieldsV1(string(data))
}
