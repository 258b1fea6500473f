package main

// maxValue is the length of the base64 notation of what a native ConfigMap or
// Secret holds at most.
const maxValue = (1<<20 + 2) / 3 * 4

// fields names what to do with the fields that need it, by their paths, whatever
// the kind.
var fields = map[string]func(schema){
	"spec.allowedNamespaces.selector": schema.trim,
	"spec.env":                        schema.trim,
	"spec.ports":                      schema.trim,
	"spec.pull.namespaceSelector":     schema.trim,
	"spec.pull.podSelector":           schema.trim,
	"spec.resources":                  schema.trim,
	"spec.template.spec":              schema.podSpec,
	"spec.volumeClaimTemplates.spec":  schema.trim,
	"status.conditions":               schema.trim,

	"spec.annotations":                   values(64 << 10),
	"spec.binaryData":                    values(maxValue),
	"spec.data":                          values(maxValue),
	"spec.labels":                        values(63),
	"spec.stringData":                    values(maxValue),
	"spec.template.metadata.annotations": values(64 << 10),
	"spec.template.metadata.labels":      values(63),
	"spec.volumeClaimTemplates.metadata.annotations": values(64 << 10),
	"spec.volumeClaimTemplates.metadata.labels":      values(63),
	"status.capacity": values(maxQuantity),
	"status.labels":   values(63),
	"status.uid":      characters(maxUID),
}

// maxUID is more than any UID has.
const maxUID = 253

// characters bounds a text of a type that takes no marker.
func characters(maxLength int) func(schema) {
	return func(s schema) { s["maxLength"] = maxLength }
}

// values bounds the values of a map, in characters.
func values(maxLength int) func(schema) {
	return func(s schema) {
		s.child("additionalProperties")["maxLength"] = maxLength
	}
}
