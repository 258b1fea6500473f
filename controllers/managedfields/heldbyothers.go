package managedfields

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// HeldByOthers names, for a person, the fields that a manager's record held before a write and
// does not hold after it, and that still exist because other managers hold them: "data.color by
// painter". records are those after the write. Unreadable records are skipped.
func HeldByOthers(before, after *metav1.FieldsV1, records []metav1.ManagedFieldsEntry, manager string) []string {
	released := leaves(before)
	if released == nil {
		return nil
	}
	if own := leaves(after); own != nil {
		released = released.Difference(own)
	}
	if released.Empty() {
		return nil
	}
	holders := map[string][]string{}
	for _, r := range records {
		if r.Manager == manager || r.Subresource != "" {
			continue
		}
		theirs := leaves(r.FieldsV1)
		if theirs == nil {
			continue
		}
		for path := range released.Intersection(theirs).All() {
			field := pathOf(path).String()
			holders[field] = append(holders[field], r.Manager)
		}
	}
	var listed []string
	for field, managers := range holders {
		slices.Sort(managers)
		listed = append(listed, field+" by "+strings.Join(slices.Compact(managers), ", "))
	}
	slices.Sort(listed)
	return listed
}

// Union returns the record of all that several records hold. An unreadable one is left out: what
// it holds then counts as changed by others, and is written once more.
func Union(records ...*metav1.FieldsV1) *metav1.FieldsV1 {
	all := fieldpath.NewSet()
	for _, r := range records {
		if fields, ok := read(r); ok {
			all = all.Union(fields)
		}
	}
	data, err := all.ToJSON()
	if err != nil {
		return nil
	}
	return metav1.NewFieldsV1(string(data))
}

// leaves returns the fields of a record that hold no others; nil if it is unreadable.
func leaves(of *metav1.FieldsV1) record {
	all, ok := read(of)
	if !ok {
		return nil
	}
	return all.Leaves()
}

// pathOf returns a path in our notation: an item of a list by its name, no other value.
func pathOf(path fieldpath.Path) Path {
	var parts Path
	for _, element := range path {
		switch {
		case element.FieldName != nil:
			parts = append(parts, *element.FieldName)
		case element.Key != nil && len(*element.Key) > 0 && (*element.Key)[0].Value.IsString():
			parts = append(parts, "["+(*element.Key)[0].Value.AsString()+"]")
		default:
			parts = append(parts, "[]")
		}
	}
	return parts
}
