package decode

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// maxFaults is how many fields are named of an object that has many wrong ones.
const maxFaults = 3

// fault is a field that can't be decoded. Its value may be a secret, and is not
// kept.
type fault struct {
	// path is the field's, as "spec.ports[0].containerPort".
	path string
	// kind is the Go type that the value is not one of.
	kind string
}

type faults []fault

// String names the first fields in a sentence.
func (f faults) String() string {
	if len(f) == 0 {
		return "its JSON can't be decoded"
	}
	var texts []string
	for _, each := range f[:min(len(f), maxFaults)] {
		texts = append(texts, fmt.Sprintf("%s is not a value of type %s", each.path, each.kind))
	}
	if more := len(f) - maxFaults; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, ", ")
}

// prune takes out of a JSON object what can't be decoded into a Go type, and
// returns it.
func prune(tree map[string]any, t reflect.Type) faults {
	p := &pruner{}
	p.keep(tree, t, "")
	return p.faults
}

type pruner struct{ faults faults }

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// keep returns whether a value can be decoded, without what was taken out of it.
func (p *pruner) keep(value any, t reflect.Type, path string) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if value == nil || t.Kind() == reflect.Interface {
		return true
	}
	if !reflect.PointerTo(t).Implements(unmarshaler) {
		switch fields := value.(type) {
		case map[string]any:
			if t.Kind() == reflect.Struct {
				p.fields(fields, t, path)
				return true
			}
			if t.Kind() == reflect.Map {
				for _, key := range slices.Sorted(maps.Keys(fields)) {
					if !p.keep(fields[key], t.Elem(), fmt.Sprintf("%s[%s]", path, key)) {
						delete(fields, key)
					}
				}
				return true
			}
		case []any:
			if t.Kind() == reflect.Slice {
				for i := range fields {
					if !p.keep(fields[i], t.Elem(), fmt.Sprintf("%s[%d]", path, i)) {
						fields[i] = nil
					}
				}
				return true
			}
		}
	}
	if decodes(value, t) {
		return true
	}
	p.faults = append(p.faults, fault{path, t.String()})
	return false
}

// fields keeps of an object's fields those that can be decoded.
func (p *pruner) fields(tree map[string]any, t reflect.Type, path string) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" && field.Anonymous {
			p.fields(tree, field.Type, path)
			continue
		}
		value, has := tree[name]
		if !has || name == "" || name == "-" {
			continue
		}
		if !p.keep(value, field.Type, strings.TrimPrefix(path+"."+name, ".")) {
			delete(tree, name)
		}
	}
}

// decodes returns whether a value can be decoded, in a time that does not depend on
// what it stands for.
func decodes(value any, t reflect.Type) bool {
	text, err := json.Marshal(value)
	if err != nil || t == reflect.TypeFor[resource.Quantity]() && isSlow(text) {
		return false
	}
	return json.Unmarshal(text, reflect.New(t).Interface()) == nil
}

// keepChildren has an object's children outlive it where it can't be read any more
// what becomes of them.
func keepChildren(tree map[string]any, faults faults) {
	unknown := slices.ContainsFunc(faults, func(f fault) bool {
		return slices.Contains([]string{"spec", "spec.xosManaged", "spec.deletionPolicy"}, f.path)
	})
	if !unknown {
		return
	}
	spec, ok := tree["spec"].(map[string]any)
	if !ok {
		spec = map[string]any{}
		tree["spec"] = spec
	}
	spec["deletionPolicy"] = "Orphan"
}
