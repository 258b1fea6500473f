package manifest

import (
	"encoding/json"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ClaimOf is the record of what a manager applied, among all records of who
// manages which field; nil where there is none.
func ClaimOf(records []metav1.ManagedFieldsEntry, manager string) *metav1.FieldsV1 {
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

// Intact says whether a claim still holds every field of an object that was
// applied. The server takes a field out of our claim when somebody else changes
// or removes it, so this shows drift without a look at any value: the metadata
// of the object are enough.
func Intact(claim *metav1.FieldsV1, applied map[string]any) bool {
	if claim == nil {
		return false
	}
	var held map[string]any
	if err := json.Unmarshal(claim.GetRawBytes(), &held); err != nil {
		return false
	}
	for key, value := range applied {
		switch key {
		case "apiVersion", "kind":
		case "metadata":
			if !metadataHeld(held["f:metadata"], value) {
				return false
			}
		default:
			if !fieldHeld(held, key, value) {
				return false
			}
		}
	}
	return true
}

// metadataHeld leaves out what identifies the object: nobody manages that.
func metadataHeld(held, value any) bool {
	claim, _ := held.(map[string]any)
	metadata, _ := value.(map[string]any)
	for key, value := range metadata {
		switch key {
		case "name", "namespace", "uid":
		default:
			if !fieldHeld(claim, key, value) {
				return false
			}
		}
	}
	return true
}

func fieldHeld(claim map[string]any, key string, value any) bool {
	if value == nil {
		return true // null declares nothing
	}
	child, ok := claim["f:"+key].(map[string]any)
	return ok && valueHeld(child, value)
}

// valueHeld compares the claim on a value with the value. A claim without parts
// is one on the value as a whole.
func valueHeld(claim map[string]any, value any) bool {
	if len(claim) == 0 {
		return true
	}
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			if !fieldHeld(claim, key, child) {
				return false
			}
		}
	case []any:
		for _, item := range value {
			if !itemHeld(claim, item) {
				return false
			}
		}
	}
	return true
}

// itemHeld finds the item of an associative list or a set in a claim: "k:" and
// the fields that are its key, "v:" and the value itself.
func itemHeld(claim map[string]any, item any) bool {
	for path, child := range claim {
		held, _ := child.(map[string]any)
		if text, ok := strings.CutPrefix(path, "k:"); ok {
			var key map[string]any
			if json.Unmarshal([]byte(text), &key) == nil && hasKey(item, key) && valueHeld(held, item) {
				return true
			}
		}
		if text, ok := strings.CutPrefix(path, "v:"); ok {
			var element any
			if json.Unmarshal([]byte(text), &element) == nil && sameScalar(item, element) {
				return true
			}
		}
	}
	return false
}

// hasKey says whether an item can have a key: what it leaves out the server may
// have filled in with a default.
func hasKey(item any, key map[string]any) bool {
	fields, ok := item.(map[string]any)
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

// sameScalar compares a decoded value with one out of a claim, whose numbers are
// all floats.
func sameScalar(own, held any) bool {
	if n, ok := own.(int64); ok {
		own = float64(n)
	}
	switch own.(type) {
	case map[string]any, []any:
		return false
	}
	return own == held
}
