package managedfields

import (
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// mostPaths is the maximum number of fields that are named.
const mostPaths = 3

// Drift returns the fields in which an object is not what its owner has written: those that the
// owner's record has lost, and whose values are not the desired ones. At most three are named.
// What the server changed in the owner's own write is no drift.
//
// The record of a create or an update holds a map itself too, and so shows one whose parts were
// all taken over just like an atomic one: there the values decide.
//
// Without a record nothing can be compared, and ok is false.
//
// A lost field is compared as one value: the record does not show any more which parts of it
// others may add to. The metadata of objects and of templates are the exception: they are the same
// for all kinds.
func Drift(claim *metav1.FieldsV1, operation metav1.ManagedFieldsOperationType, want, have map[string]any) (lost []Path, ok bool) {
	held, ok := read(claim)
	if !ok {
		return nil, false
	}
	d := drift{applied: operation == metav1.ManagedFieldsOperationApply}
	d.fields(nil, want, have, held)
	return d.lost, true
}

type drift struct {
	lost []Path
	// applied reports that the record is of an apply, whose leaves are atomic.
	applied bool
}

func (d *drift) add(path Path) {
	if len(d.lost) < mostPaths {
		d.lost = append(d.lost, slices.Clone(path))
	}
}

func (d *drift) fields(path Path, want, have node, claim record) {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		field := path.with(key)
		switch {
		case want[key] == nil, len(path) == 0 && identifying[key]:
		case len(path) == 1 && path[0] == "metadata" && identifying[key]:
		case field.String() == "metadata.ownerReferences":
			d.owners(field, want[key], have[key])
		default:
			child, held := part(claim, fieldpath.FieldNameElement(key))
			d.value(field, want[key], have[key], child, held)
		}
	}
}

func (d *drift) value(path Path, want, have any, claim record, held bool) {
	switch {
	case !held && isShared(path):
		have, _ := have.(node)
		want, _ := want.(node)
		d.fields(path, want, have, nil)
		return
	case !held:
		d.differing(path, want, have)
		return
	case isLeaf(claim):
		// An atomic value, as the server has returned it.
		if !d.applied && hasParts(want) && !within(want, have) {
			d.differing(path, want, have)
		}
		return
	}
	switch want := want.(type) {
	case node:
		have, _ := have.(node)
		d.fields(path, want, have, claim)
	case []any:
		have, _ := have.([]any)
		d.items(path, want, have, claim)
	}
}

// differing records the parts in which a value is not the desired one: the value itself if it is
// no map, or has an additional part.
func (d *drift) differing(path Path, want, have any) {
	if equal(want, have) {
		return
	}
	wanted, isMap := want.(node)
	there, both := have.(node)
	if !isMap || !both || len(there) > len(wanted) {
		d.add(path)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		d.differing(path.with(key), wanted[key], there[key])
	}
}

// isShared returns whether a path leads to metadata, or to a map in them that any number of
// managers share.
func isShared(path Path) bool {
	last := len(path) - 1
	if path[last] == "labels" || path[last] == "annotations" {
		last--
	}
	return last >= 0 && path[last] == "metadata"
}

func (d *drift) items(path Path, want, have []any, claim record) {
	for _, item := range want {
		key, child, held := findItem(claim, item)
		var live any
		if i := slices.IndexFunc(have, func(other any) bool {
			return (key != nil && hasKey(other, *key)) || (key == nil && equal(item, other))
		}); i >= 0 {
			live = have[i]
		}
		if held && key == nil {
			continue // of a set
		}
		d.value(path.with(nameOfItem(item)), item, live, child, held)
	}
}

// owners compares owner references by their values; see WithoutOwners. Others may add theirs.
func (d *drift) owners(path Path, want, have any) {
	wanted, _ := want.([]any)
	there, _ := have.([]any)
	for _, owner := range wanted {
		if !slices.ContainsFunc(there, func(other any) bool { return equal(owner, other) }) {
			d.add(path)
		}
	}
}

// nameOfItem names an item to a person.
func nameOfItem(item any) string {
	if fields, ok := item.(node); ok {
		for _, key := range []string{"name", "mountPath", "port", "containerPort", "ip"} {
			if value, ok := fields[key]; ok {
				return fmt.Sprintf("[%v]", value)
			}
		}
	}
	return "[]"
}

// equal compares two values. A zero value that the API omits equals an absent one.
func equal(want, have any) bool { return matches(want, have, false) }

// within is equal for a value that may have more in its maps.
func within(want, have any) bool { return matches(want, have, true) }

func matches(want, have any, more bool) bool {
	switch want := want.(type) {
	case node:
		other, _ := have.(node)
		if !more && len(want) < len(other) {
			return false
		}
		for key, value := range want {
			if !matches(value, other[key], more) {
				return false
			}
		}
		return true
	case []any:
		other, _ := have.([]any)
		return slices.EqualFunc(want, other, func(one, another any) bool { return matches(one, another, more) })
	case nil:
		return have == nil
	}
	return sameScalar(want, have) || (have == nil && IsZero(want))
}

func hasParts(v any) bool {
	switch v := v.(type) {
	case node:
		return len(v) > 0
	case []any:
		return len(v) > 0
	}
	return false
}

// IsZero returns whether a scalar is a zero value, which the API may omit.
func IsZero(v any) bool { return v == "" || v == false || float(v) == float64(0) }
