package desired

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"xos.opencord.org/kubernetes-service/controllers/names"
)

// Contents are the files of a ConfigMap, whichever of its fields they are in.
func Contents(data map[string]string, binaryData map[string][]byte) map[string][]byte {
	all := make(map[string][]byte, len(data)+len(binaryData))
	maps.Copy(all, binaryData)
	for key, value := range data {
		all[key] = []byte(value)
	}
	return all
}

// Holds says whether a native object has all the contents that are wanted. It may have
// more, which others put into it.
func Holds(live, wanted map[string][]byte) bool {
	for key, value := range wanted {
		if had, ok := live[key]; !ok || !bytes.Equal(had, value) {
			return false
		}
	}
	return true
}

// Content identifies what a mount brings into pods of what its source has: all of it,
// or the items that the mount names. It holds none of it.
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
		parts = append(parts, fmt.Sprintf("%q %q", key, brought[key])) // so that no two contents are one text
	}
	if m.Secret != "" {
		return "secret " + m.Secret + " " + names.Hash(parts...)
	}
	return "config " + m.ConfigMap + " " + names.Hash(parts...)
}
