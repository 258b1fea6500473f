package manifest

import (
	"encoding/json"
	"slices"

	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// IDOf returns the ID of an inventory entry.
func IDOf(entry xosv1.InventoryEntry) ID {
	group, _ := schema.ParseGroupVersion(entry.APIVersion) // written by us out of a parsed one
	return ID{Group: group.Group, Kind: entry.Kind, Namespace: entry.Namespace, Name: entry.Name}
}

// Inventory returns the recorded objects of a resource instance: from its status or, before there
// is one, from beside its finalizer. A user may write either, so an entry names an object and
// proves nothing.
func Inventory(r *xosv1.KubernetesResourceInstance) []xosv1.InventoryEntry {
	intent := r.Annotations[xosv1.IntentAnnotation]
	if len(r.Status.Inventory) > 0 || r.Status.KubectlState != "" || intent == "" {
		return r.Status.Inventory
	}
	var names []xosv1.InventoryEntry
	if json.Unmarshal([]byte(intent), &names) != nil || len(names) > MaxInventory || versions(names) > maxVersions {
		return nil
	}
	for i, e := range names {
		names[i] = xosv1.InventoryEntry{APIVersion: e.APIVersion, Kind: e.Kind, Namespace: e.Namespace, Name: e.Name}
	}
	return names
}

// Intent returns the annotation by which Inventory finds a resource instance's first objects. It
// is empty if the object has no room for it, as beside the blob that kubectl stores in an
// annotation of its own, and if it names too many versions of the API.
func Intent(r *xosv1.KubernetesResourceInstance, union []xosv1.InventoryEntry) string {
	intent, err := json.Marshal(union)
	if err != nil || versions(union) > maxVersions {
		return ""
	}
	size := len(xosv1.IntentAnnotation) + len(intent)
	for key, value := range r.Annotations {
		size += len(key) + len(value)
	}
	if size > validation.TotalAnnotationSizeLimitB {
		return ""
	}
	return string(intent)
}

// maxVersions is the maximum number of API versions of the objects in an intent: the server is
// queried for each that it does not serve, while an intent costs its author one request.
const maxVersions = 32

func versions(entries []xosv1.InventoryEntry) int {
	all := map[string]bool{}
	for _, e := range entries {
		all[e.APIVersion] = true
	}
	return len(all)
}

// Union returns the inventory to be saved before the documents are applied: what they declare, and
// what was applied earlier and may have to be pruned. changed reports whether it holds anything
// that the saved one does not.
func Union(saved []xosv1.InventoryEntry, documents []Document) (union []xosv1.InventoryEntry, changed bool) {
	declared := map[ID]bool{}
	for _, document := range documents {
		id := document.ID()
		declared[id] = true
		entry := xosv1.InventoryEntry{Namespace: id.Namespace, Name: id.Name}
		if i := slices.IndexFunc(saved, func(e xosv1.InventoryEntry) bool { return IDOf(e) == id }); i >= 0 {
			entry = saved[i]
		} else {
			changed = true
		}
		entry.APIVersion, entry.Kind = document.Kind.ToAPIVersionAndKind()
		union = append(union, entry)
	}
	for _, entry := range saved {
		if !declared[IDOf(entry)] {
			union = append(union, entry)
		}
	}
	return union, changed
}

// Leftover returns the entries that no document declares any more.
func Leftover(saved []xosv1.InventoryEntry, documents []Document) []xosv1.InventoryEntry {
	declared := map[ID]bool{}
	for _, document := range documents {
		declared[document.ID()] = true
	}
	return slices.DeleteFunc(slices.Clone(saved), func(e xosv1.InventoryEntry) bool { return declared[IDOf(e)] })
}

// NextState returns the action to report after a pass. Applying what is missing of a first pass
// still belongs to the first one.
func NextState(was xosv1.KubectlState, applied, firstTime bool) xosv1.KubectlState {
	switch {
	case was == "" || was == xosv1.KubectlStateDeleted:
		if applied {
			return xosv1.KubectlStateCreated
		}
		return was
	case !applied, was == xosv1.KubectlStateCreated && firstTime:
		return was
	}
	return xosv1.KubectlStateUpdated
}
