package v1_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// soon is how long an object may take to be decoded and encoded: far longer than
// any does, on a busy machine too.
const soon = 5 * time.Second

// These tests put values at every place of every CRD's schema: what the schema
// admits, by the API server's own validation, our types must decode, in no time.
// Otherwise it would be nobody's to repair: the object is stored, and stops those
// who list its kind.

// admission is a kind's schema as the API server applies it, and a decoder.
type admission struct {
	kind      string
	root      apiextensionsv1.JSONSchemaProps
	validator *validate.SchemaValidator
	decoder   runtime.Decoder
	spots     []spot
}

// spot is one place in a schema: a field, a list's item or a map's value.
type spot struct {
	path   []string
	schema apiextensionsv1.JSONSchemaProps
}

func (s spot) String() string { return strings.Join(s.path, ".") }

// itemOf and valueOf are the steps from a list to an item and from a map to a value.
const itemOf, valueOf = "[]", "{}"

func newAdmission(t testing.TB, kind string, crd *apiextensionsv1.CustomResourceDefinition) *admission {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := xosv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	a := &admission{kind: kind, root: *crd.Spec.Versions[0].Schema.OpenAPIV3Schema, decoder: serializer.NewCodecFactory(scheme).UniversalDeserializer()}
	content, err := json.Marshal(a.root)
	if err != nil {
		t.Fatal(err)
	}
	openAPI := &spec.Schema{}
	if err := json.Unmarshal(content, openAPI); err != nil {
		t.Fatal(err)
	}
	a.validator = validate.NewSchemaValidator(openAPI, nil, "", strfmt.Default)
	for _, name := range []string{"spec", "status"} {
		a.collect([]string{name}, a.root.Properties[name])
	}
	slices.SortFunc(a.spots, func(x, y spot) int { return strings.Compare(x.String(), y.String()) })
	return a
}

// collect finds the spots of a schema.
func (a *admission) collect(path []string, s apiextensionsv1.JSONSchemaProps) {
	a.spots = append(a.spots, spot{slices.Clone(path), s})
	for name, property := range s.Properties {
		a.collect(append(path, name), property)
	}
	if s.Items != nil {
		a.collect(append(path, itemOf), *s.Items.Schema)
	}
	if s.AdditionalProperties != nil {
		a.collect(append(path, valueOf), *s.AdditionalProperties.Schema)
	}
}

// object is an object of the kind with a value at a spot, and nothing else but
// what the schema requires on the way.
func (a *admission) object(at spot, value json.RawMessage) ([]byte, error) {
	whole := embed(a.root, at.path, value).(map[string]any)
	whole["apiVersion"], whole["kind"], whole["metadata"] = xosv1.SchemeGroupVersion.String(), a.kind, map[string]any{"name": "a"}
	return json.Marshal(whole)
}

// embed puts a value at the end of a path.
func embed(s apiextensionsv1.JSONSchemaProps, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	switch step := path[0]; step {
	case itemOf:
		return []any{embed(*s.Items.Schema, path[1:], value)}
	case valueOf:
		return map[string]any{"a": embed(*s.AdditionalProperties.Schema, path[1:], value)}
	default:
		object := required(s)
		object[step] = embed(s.Properties[step], path[1:], value)
		return object
	}
}

// required is the least object that a schema admits.
func required(s apiextensionsv1.JSONSchemaProps) map[string]any {
	object := map[string]any{}
	for _, name := range s.Required {
		object[name] = least(s.Properties[name])
	}
	return object
}

// least is some plain value that a schema admits.
func least(s apiextensionsv1.JSONSchemaProps) any {
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type == "object":
		return required(s)
	case s.Type == "array":
		return []any{}
	case s.Type == "boolean":
		return true
	case s.Type == "integer", s.XIntOrString:
		return 1
	}
	for _, text := range []string{"a", "True", "/a", "2026-01-01T00:00:00Z", "YQ==", "sha256:" + strings.Repeat("0", 64)} {
		if s.Pattern == "" || regexp.MustCompile(s.Pattern).MatchString(text) {
			return text
		}
	}
	return ""
}

// put puts an object to the schema, and decodes what it admits: what the API
// server would store, and send to us.
func (a *admission) put(t testing.TB, data []byte) (admitted bool) {
	var stored map[string]any
	if utiljson.Unmarshal(data, &stored) != nil || !a.validator.Validate(stored).IsValid() {
		return false
	}
	sent, err := json.Marshal(stored)
	if err != nil {
		return false
	}
	hurry := time.AfterFunc(soon, func() { panic(fmt.Sprintf("%s takes over %v to decode: %.1000s", a.kind, soon, sent)) })
	defer hurry.Stop()
	object, _, err := a.decoder.Decode(sent, nil, nil)
	if err != nil {
		t.Errorf("the schema admits what does not decode: %.1000s: %v", sent, err)
		return true
	}
	again, err := json.Marshal(object)
	if err != nil {
		t.Errorf("what was decoded can't be encoded: %.1000s: %v", sent, err)
		return true
	}
	if _, _, err := a.decoder.Decode(again, nil, nil); err != nil {
		t.Errorf("what was encoded does not decode: %.1000s: %v", again, err)
	}
	return true
}

// edges are values around a schema's bounds, as JSON, and some that are of
// another type.
func edges(s apiextensionsv1.JSONSchemaProps) []json.RawMessage {
	all := []string{"null", "true", "{}", "[]", `{"a":1}`, `["a"]`, "[[]]", "1", "-1.5", "1e20", `""`, `"a"`, `"1"`}
	if s.Type == "integer" || s.XIntOrString {
		all = append(all, numbers...)
	}
	if s.Pattern != "" || s.Format != "" || s.XIntOrString {
		all = append(all, texts...)
	}
	for _, bound := range []*float64{s.Minimum, s.Maximum} {
		if bound != nil {
			all = append(all, fmt.Sprintf("%.0f", *bound), fmt.Sprintf("%.0f", *bound-1), fmt.Sprintf("%.0f", *bound+1))
		}
	}
	for _, value := range s.Enum {
		all = append(all, string(value.Raw))
	}
	const longest = 4096
	if s.MaxLength != nil && *s.MaxLength <= longest {
		for _, text := range []string{"a", "9", "é", "1.", "0"} {
			all = append(all, quote(strings.Repeat(text, int(*s.MaxLength)/len([]rune(text)))))
		}
	}
	if plain, err := json.Marshal(least(s)); err == nil {
		all = append(all, string(plain))
	}
	var raw []json.RawMessage
	for _, value := range all {
		raw = append(raw, json.RawMessage(value))
	}
	return raw
}

var numbers = []string{
	"0", "1", "-1", "-0", "0.0", "1.0", "1e3", "5.5", "65536", "2147483647", "2147483648", "-2147483648", "-2147483649", "99999999999",
	"9007199254740992", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "9223372036854775807.0",
	"1e15", "1e18", "1e19", "1e20", "1e300", "1e-300", "1e-7",
}

var texts = quoted(
	"", "a", " ", "0", "1", "é", "\x00", "http", "50%", "100m", "1.5Gi", "1E", "1E5", "1e3", "1e-9", "1e99", "-1e99", "1e-99", "9.99e99", ".5", "5.", "+.5e-5",
	"99999999999999999999", "9999999999Ei", "0.0000000000000000001", "123456789012345678901234567890.123456789Ki", "1e1.5", "1e100", "1e999", "1e-999", "1e2147483648",
	"1Mib", "1 ", "1\n", "0x10", "1_000", "NaN", "Inf", "-", "+1", "2147483648", "-2147483649",
	"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.1234567890123Z", "2026-01-01T23:59:59+23:59", "2026-01-01T23:59:60Z",
	"2026-01-01T00:00:00+99:99", "2026-01-01t00:00:00z", "2026-01-01T00:00:00x5Z", "2026-01-01T00:00:00,5Z", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z",
	"9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00", "2026-01-01", "2026-01-01T00:00:00Z junk 00:00:00Z",
	"YQ==", "YR==", "YWI=", "YWJj", "YQ", "Y Q==", "YWJj\n", "YW\\j", "YW-_", "=", "====", "YQ==YQ==", "1h", "1h2m", "10s ", "Always", "sha256:"+strings.Repeat("0", 64),
)

func quoted(texts ...string) []string {
	for i, text := range texts {
		texts[i] = quote(text)
	}
	return texts
}

func quote(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a string can always be encoded
	}
	return strings.TrimSpace(out.String())
}

func TestWhateverASchemaAdmitsDecodes(t *testing.T) {
	// tried holds the places that kinds share, with the type: all of a pod's spec.
	var tried sync.Map
	for kind, crd := range crds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			a := newAdmission(t, kind, crd)
			for _, at := range a.spots {
				same, err := json.Marshal(at.schema)
				if err != nil {
					t.Fatal(err)
				}
				if _, done := tried.LoadOrStore(at.String()+string(same), true); done {
					continue
				}
				admitted := false
				for _, value := range edges(at.schema) {
					if data, err := a.object(at, value); err == nil && a.put(t, data) {
						admitted = true
					}
				}
				if !admitted {
					t.Errorf("%s admits none of the values: the test can't tell anything of it", at)
				}
			}
		})
	}
}
