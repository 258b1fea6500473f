package managedfields

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// clientSide begin the names of managers that write whole objects from where they keep
// the declaration, and do not come back to see to a field: kubectl without
// --server-side, Helm, and what there was before anybody's fields were recorded.
var clientSide = []string{"kubectl", "before-first-apply", "helm", "Helm"}

// IsClientSide says whether a manager's updates are those of a client-side applier. To
// adopt an object is to take the place of whoever applied it so: were its record left,
// a field that is taken out of the declaration would stay for ever.
func IsClientSide(manager string) bool {
	return slices.ContainsFunc(clientSide, func(name string) bool { return strings.HasPrefix(manager, name) })
}

// Inherit takes out of the records of client-side appliers what a manager has applied
// too, so that it is that manager's alone. What they hold beside that stays theirs.
// changed says whether there was anything.
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
