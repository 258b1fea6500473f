package ownership

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// WithoutTracking returns the changes of annotations by which a merge patch takes the
// tracking annotations off an object, and others with them.
func WithoutTracking(others ...string) map[string]any {
	annotations := map[string]any{}
	for _, key := range append(TrackingAnnotations(), others...) {
		annotations[key] = nil
	}
	return annotations
}

// Disclaim leaves the records of a manager out of those of who manages which
// field, for an object that is released. An empty list would be taken for "as
// before"; one empty record is how the API asks for none.
func Disclaim(records []metav1.ManagedFieldsEntry, manager string) []metav1.ManagedFieldsEntry {
	rest := slices.DeleteFunc(slices.Clone(records), func(r metav1.ManagedFieldsEntry) bool { return r.Manager == manager })
	if len(rest) == 0 {
		return []metav1.ManagedFieldsEntry{{}}
	}
	return rest
}

// MetadataPatch returns the merge patch that changes the metadata of this very version of
// an object: the server refuses it for any other.
func MetadataPatch(of metav1.Object, changes map[string]any) ([]byte, error) {
	metadata := maps.Clone(changes)
	metadata["uid"], metadata["resourceVersion"] = of.GetUID(), of.GetResourceVersion()
	data, err := json.Marshal(map[string]any{"metadata": metadata})
	if err != nil {
		return nil, fmt.Errorf("encode patch: %w", err)
	}
	return data, nil
}
