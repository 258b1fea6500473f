package store

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"

	"xos.opencord.org/kubernetes-service/controllers/managedfields"
)

// covers returns whether an object already is as a configuration wants it, by values
// alone: each field that is wanted is there with the wanted value. What the server
// filled in and what others added beside our fields does not count.
func covers(want, have map[string]any) bool {
	// Typed clients take version and kind off what they return.
	want = maps.Clone(want)
	delete(want, "apiVersion")
	delete(want, "kind")
	return within("", want, have)
}

// within returns whether a wanted value is found in what is there. field is the
// name under which it stands.
func within(field string, want, have any) bool {
	switch want := want.(type) {
	case map[string]any:
		have, _ := have.(map[string]any)
		for key, value := range want {
			if !within(key, value, have[key]) {
				return false
			}
		}
		return true
	case []any:
		have, _ := have.([]any)
		return withinList(field, want, have)
	default:
		return want == have || (have == nil && managedfields.IsZero(want))
	}
}

// withinList compares lists by their kind. Of an associative list each wanted
// item must be there, even if other clients have added more; any other list is one
// value, in which nothing may be missing or too many.
func withinList(field string, want, have []any) bool {
	keys := associative[field]
	if keys == nil || !allMaps(want) {
		if len(want) != len(have) {
			return false
		}
		for i := range want {
			if !within("", want[i], have[i]) {
				return false
			}
		}
		return true
	}
	for _, item := range want {
		i := slices.IndexFunc(have, func(candidate any) bool { return sameKeys(keys, item, candidate) })
		if i < 0 || !within("", item, have[i]) {
			return false
		}
	}
	return true
}

// associative are the lists of the native kinds that several managers may share,
// by their field, with the fields that identify their items. The API defines
// them (listType=map, listMapKey); a field that is missing here is compared as
// one value, which at worst costs a needless apply when another client adds to it.
var associative = map[string][]string{
	"containers":       {"name"},
	"initContainers":   {"name"},
	"volumes":          {"name"},
	"env":              {"name"},
	"imagePullSecrets": {"name"},
	"secrets":          {"name"},
	"volumeMounts":     {"mountPath"},
	"volumeDevices":    {"devicePath"},
	"hostAliases":      {"ip"},
	"ownerReferences":  {"uid"},
	"ports":            {"port", "containerPort", "protocol"},
}

func sameKeys(keys []string, a, b any) bool {
	x, _ := a.(map[string]any)
	y, _ := b.(map[string]any)
	return !slices.ContainsFunc(keys, func(key string) bool { return x[key] != y[key] })
}

func allMaps(list []any) bool {
	return !slices.ContainsFunc(list, func(item any) bool { _, ok := item.(map[string]any); return !ok })
}

// FingerprintOf identifies what a configuration wants, in 22 characters. It is
// kept on the object: where it differs something was wanted earlier that is not
// wanted now, which the object alone does not show.
func FingerprintOf(want []byte) string {
	sum := sha256.Sum256(want)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
