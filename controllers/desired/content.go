package desired

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"xos.opencord.org/kubernetes-service/controllers/names"
)

// Contents returns the files of a ConfigMap, of both its fields.
func Contents(data map[string]string, binaryData map[string][]byte) map[string][]byte {
	all := make(map[string][]byte, len(data)+len(binaryData))
	maps.Copy(all, binaryData)
	for key, value := range data {
		all[key] = []byte(value)
	}
	return all
}

// Holds returns whether a native object has all the desired contents. It may have more, which
// other clients added.
func Holds(live, wanted map[string][]byte) bool {
	for key, value := range wanted {
		if had, ok := live[key]; !ok || !bytes.Equal(had, value) {
			return false
		}
	}
	return true
}

// Content identifies the part of a source that a mount brings into pods: all of it, or the items
// that the mount names. It is a hash and contains no value.
func (m Mount) Content(source map[string][]byte) string {
	brought := source
	if len(m.Spec.Items) > 0 {
		brought = map[string][]byte{}
		for _, item := range m.Spec.Items {
			brought[item.Key] = source[item.Key]
		}
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(brought)) {
		parts = append(parts, fmt.Sprintf("%q %q", key, brought[key])) // quoted, so that different contents never yield the same text
	}
	if m.Secret != "" {
		return "secret " + m.Secret + " " + names.Hash(parts...)
	}
	return "config " + m.ConfigMap + " " + names.Hash(parts...)
}
