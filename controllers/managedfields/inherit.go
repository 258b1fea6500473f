package managedfields

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// clientSide are the prefixes of managers that write whole objects from a declaration that they
// store, and do not return to repair a field: kubectl without --server-side, Helm, and the manager
// of objects from before fields were recorded.
var clientSide = []string{"kubectl", "before-first-apply", "helm", "Helm"}

// IsClientSide returns whether a manager's updates are those of a client-side applier. To adopt an
// object is to replace its applier: if that one's record remained, a field that is removed from
// the declaration would remain for ever.
func IsClientSide(manager string) bool {
	return slices.ContainsFunc(clientSide, func(name string) bool { return strings.HasPrefix(manager, name) })
}

// Inherit removes from the records of client-side appliers what a manager has applied too, so that
// it alone manages those fields. What else they hold remains theirs. changed reports whether there
// was anything to remove.
func Inherit(records []metav1.ManagedFieldsEntry, manager string) (left []metav1.ManagedFieldsEntry, changed bool, _ error) {
	var own fieldpath.Set
	applied := Of(records, manager)
	if applied == nil {
		return records, false, nil
	}
	if err := own.FromJSON(bytes.NewReader(applied.GetRawBytes())); err != nil {
		return nil, false, fmt.Errorf("read what %s manages: %w", manager, err)
	}
	for _, r := range records {
		if r.Operation != metav1.ManagedFieldsOperationUpdate || r.Subresource != "" || r.FieldsV1 == nil || !IsClientSide(r.Manager) {
			left = append(left, r)
			continue
		}
		var theirs fieldpath.Set
		if err := theirs.FromJSON(bytes.NewReader(r.FieldsV1.GetRawBytes())); err != nil {
			return nil, false, fmt.Errorf("read what %s manages: %w", r.Manager, err)
		}
		rest := theirs.Difference(&own)
		if rest.Size() == theirs.Size() {
			left = append(left, r)
			continue
		}
		changed = true
		if rest.Empty() {
			continue
		}
		data, err := rest.ToJSON()
		if err != nil {
			return nil, false, fmt.Errorf("encode what %s manages: %w", r.Manager, err)
		}
		r.FieldsV1 = metav1.NewFieldsV1(string(data))
		left = append(left, r)
	}
	return left, changed, nil
}
