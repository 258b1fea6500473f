package main

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// field returns a field of a CRD that crdtrim has worked on.
func field(t *testing.T, path string) schema {
	t.Helper()
	var crd map[string]any
	if err := yaml.Unmarshal([]byte(crdWithTemplate), &crd); err != nil {
		t.Fatal(err)
	}
	trim(crd)
	s := schemas(crd)[0].at(path)
	if s == nil {
		t.Fatalf("there is no field %s", path)
	}
	return s
}

const crdWithTemplate = `
spec:
  versions:
  - schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              template:
                type: object
                properties:
                  spec:
                    description: |-
                      ours is
                      left whole. Both sentences.

                      And the second paragraph.
                    type: object
                    required: [containers]
                    properties:
                      ephemeralContainers:
                        type: array
                        items: {type: object}
                      volumes:
                        type: array
                        items: {type: object}
                      containers:
                        description: |-
                          List of containers
                          of the pod. Cannot be updated.
                        type: array
                        items:
                          type: object
                          required: [name]
                          properties:
                            name: {type: string}
                            imagePullPolicy: {type: string, enum: [Always, Never]}
                            resources:
                              type: object
                              additionalProperties:
                                anyOf: [{type: integer}, {type: string}]
                                pattern: ^[0-9]+([eE][0-9]+)?$
                                x-kubernetes-int-or-string: true
                            port:
                              anyOf: [{type: integer}, {type: string}]
                              x-kubernetes-int-or-string: true
                            hostPort: {type: integer, format: int32}
                            weight: {type: integer, format: int32, minimum: 1, maximum: 100}
                            runAsUser: {type: integer, format: int64}
                            started: {type: string, format: date-time}
                            volumeDevices:
                              type: array
                              maxItems: 3
                              items: {type: string}
              labels:
                type: object
                additionalProperties: {type: string}
`

func TestContainersMayBeLeftOut(t *testing.T) {
	spec := field(t, "spec.template.spec")
	if _, ok := spec["required"]; ok {
		t.Errorf("required is %v, want none", spec["required"])
	}
	if spec.at("ephemeralContainers") != nil {
		t.Error("ephemeralContainers is still a field")
	}
	if spec.at("containers").child("items")["required"] == nil {
		t.Error("a container's name is required no longer")
	}
}

func TestDescriptions(t *testing.T) {
	tests := map[string]struct{ path, want string }{
		"ours flows and stays whole":       {"spec.template.spec", "ours is left whole. Both sentences.\n\nAnd the second paragraph."},
		"a native one is its first phrase": {"spec.template.spec.containers", "List of containers of the pod."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := field(t, test.path)["description"]; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	tests := map[string]struct {
		path, key string
		want      any
	}{
		"the containers of a pod":   {"spec.template.spec.containers", "maxItems", maxContainers},
		"a native list":             {"spec.template.spec.volumes", "maxItems", maxItems},
		"a native list with one":    {"spec.template.spec.containers.volumeDevices", "maxItems", float64(3)},
		"a native map":              {"spec.template.spec.containers.resources", "maxProperties", maxItems},
		"a native string":           {"spec.template.spec.containers.name", "maxLength", maxLength},
		"a native enumeration":      {"spec.template.spec.containers.imagePullPolicy", "maxLength", nil},
		"an object of fields":       {"spec.template.spec", "maxProperties", nil},
		"a map of ours has its own": {"spec.labels", "maxProperties", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := field(t, test.path)[test.key]; got != test.want {
				t.Errorf("%s is %v, want %v", test.key, got, test.want)
			}
		})
	}
	if got := field(t, "spec.labels").child("additionalProperties")["maxLength"]; got != 63 {
		t.Errorf("the values of labels have maxLength %v, want 63", got)
	}
}

func TestWhatGoCanNotDecodeIsOutOfBounds(t *testing.T) {
	tests := map[string]struct {
		path string
		want schema
	}{
		"a number":                 {"hostPort", schema{"minimum": math.MinInt32, "maximum": math.MaxInt32}},
		"a number with bounds":     {"weight", schema{"minimum": float64(1), "maximum": float64(100)}},
		"a long number":            {"runAsUser", schema{"minimum": nil, "maximum": nil}},
		"a number or its name":     {"port", schema{"minimum": math.MinInt32, "maximum": math.MaxInt32, "maxLength": maxIntOrString}},
		"a time":                   {"started", schema{"pattern": timestamp, "minItems": 1, "maxItems": 0}},
		"a map of quantities":      {"resources", schema{"maxProperties": maxItems}},
		"a quantity in such a map": {"resources{}", schema{"pattern": quantity, "maxLength": maxQuantity, "maximum": nil}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path, value := strings.CutSuffix("spec.template.spec.containers."+test.path, "{}")
			s := field(t, path)
			if value {
				s = s.child("additionalProperties")
			}
			for key, want := range test.want {
				if s[key] != want {
					t.Errorf("%s is %v, want %v", key, s[key], want)
				}
			}
		})
	}
}

func TestQuantities(t *testing.T) {
	pattern := regexp.MustCompile(quantity)
	for _, text := range []string{"0", "1", "-1", "+1", "1.5", ".5", "5.", "100m", "1.5Gi", "1E", "1e3", "1E-99", "2e+9", "10n"} {
		if !pattern.MatchString(text) {
			t.Errorf("%q is refused", text)
		}
	}
	for _, text := range []string{"", ".", "1e", "1e1.5", "1e.5", "1e-99999999", "1e100", "1Kib", "1mi", "one", " 1", "1 ", "1\n"} {
		if pattern.MatchString(text) {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestFirstSentence(t *testing.T) {
	long := strings.Repeat("word, ", 100)
	tests := map[string]struct{ text, want string }{
		"nothing":            {"", ""},
		"one sentence":       {"A pod.", "A pod."},
		"no full stop":       {"A pod", "A pod"},
		"two sentences":      {"A pod. It runs.", "A pod."},
		"a version number":   {"Since v1.2 it runs. Yes.", "Since v1.2 it runs."},
		"a second paragraph": {"A\npod\n\nMore info", "A pod"},
		"cut at a word":      {long, strings.TrimSuffix(strings.Repeat("word, ", 19), ", ") + "…"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := firstSentence(test.text)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if utf8.RuneCountInString(got) > maxSentence {
				t.Errorf("%q has more than %d characters", got, maxSentence)
			}
		})
	}
}
