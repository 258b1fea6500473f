package api

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// These are examples too, of sizes that do not belong in a file.
func TestSizes(t *testing.T) {
	const mebibyte = 1 << 20
	document := "apiVersion: v1\nkind: ConfigMap\n"
	tests := map[string]struct {
		kind string
		spec map[string]any
		want string
	}{
		"a config map of exactly 1 MiB is accepted": {
			kind: "KubernetesConfigMap",
			spec: map[string]any{"data": map[string]any{"a": strings.Repeat("x", mebibyte-1)}},
		},
		"a config map of a byte more is refused": {
			kind: "KubernetesConfigMap",
			spec: map[string]any{"data": map[string]any{"a": strings.Repeat("x", mebibyte/2), "b": strings.Repeat("x", mebibyte/2-1)}},
			want: "keys and values together must not have more than 1 MiB (1048576 bytes)",
		},
		"a secret's data and stringData count together": {
			kind: "KubernetesSecret",
			spec: map[string]any{
				"data":       map[string]any{"a": strings.Repeat("eHh4", mebibyte/6+1)},
				"stringData": map[string]any{"b": strings.Repeat("x", mebibyte/2)},
			},
			want: "keys and values together must not have more than 1 MiB (1048576 bytes)",
		},
		"a resource definition of exactly 1 MiB is accepted": {
			kind: "KubernetesResourceInstance",
			spec: map[string]any{"resourceDefinition": document + strings.Repeat("#", mebibyte-len(document))},
		},
		"a resource definition of a byte more is refused": {
			kind: "KubernetesResourceInstance",
			spec: map[string]any{"resourceDefinition": document + strings.Repeat("#", mebibyte-len(document)+1)},
			want: "spec.resourceDefinition: Too long: may not be more than 1048576",
		},
	}
	s := newServer(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := s.put(t, object(test.kind, "large", test.spec))
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.want != "" && err == nil:
				t.Errorf("accepted, want a refusal that says: %s", test.want)
			case test.want != "" && !strings.Contains(err.Error(), test.want):
				t.Errorf("refused with: %.500s\nwant: %s", err, test.want)
			}
		})
	}
}

func object(kind, name string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": xosv1.SchemeGroupVersion.String(),
		"kind":       kind,
		"metadata":   map[string]any{"name": name},
		"spec":       spec,
	}}
}
