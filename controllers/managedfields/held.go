package managedfields

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// Held returns whether a record still holds every field of an object that was applied. It reads no
// values, so the metadata of the live object suffice.
func Held(claim *metav1.FieldsV1, applied map[string]any) bool {
	held, ok := read(claim)
	if !ok {
		return false
	}
	for key, value := range applied {
		if key == "metadata" {
			metadata, _ := value.(node)
			claimed, _ := part(held, fieldpath.FieldNameElement("metadata"))
			for key, value := range metadata {
				if !identifying[key] && !fieldHeld(claimed, key, value) {
					return false
				}
			}
		} else if !identifying[key] && !fieldHeld(held, key, value) {
			return false
		}
	}
	return true
}

func fieldHeld(claim record, key string, value any) bool {
	if value == nil {
		return true // null declares nothing
	}
	child, ok := part(claim, fieldpath.FieldNameElement(key))
	return ok && valueHeld(child, value)
}

// valueHeld returns whether a record holds a value. A record without parts holds the value as a
// whole.
func valueHeld(claim record, value any) bool {
	if isLeaf(claim) {
		return true
	}
	switch value := value.(type) {
	case node:
		for key, child := range value {
			if !fieldHeld(claim, key, child) {
				return false
			}
		}
	case []any:
		for _, item := range value {
			_, held, found := findItem(claim, item)
			if !found || !valueHeld(held, item) {
				return false
			}
		}
	}
	return true
}
