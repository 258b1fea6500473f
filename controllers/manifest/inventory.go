package manifest

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// IDOf names the object of an inventory entry.
func IDOf(entry xosv1.InventoryEntry) ID {
	group, _ := schema.ParseGroupVersion(entry.APIVersion) // written by us out of a parsed one
	return ID{Group: group.Group, Kind: entry.Kind, Namespace: entry.Namespace, Name: entry.Name}
}

// Union is the inventory to be saved before the documents are applied: what they
// declare, and what was applied earlier and may have to be pruned. changed says
// whether it holds anything that the saved one does not.
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

// Leftover are the entries that no document declares any more.
func Leftover(saved []xosv1.InventoryEntry, documents []Document) []xosv1.InventoryEntry {
	declared := map[ID]bool{}
	for _, document := range documents {
		declared[document.ID()] = true
	}
	return slices.DeleteFunc(slices.Clone(saved), func(e xosv1.InventoryEntry) bool { return declared[IDOf(e)] })
}

// NextState is the action to be reported after a pass. Applying what is still
// missing of a first time belongs to the first time.
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
