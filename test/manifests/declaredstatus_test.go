package manifests

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"xos.opencord.org/kubernetes-service/test/testkit"
)

// notice is a document with a status, of a kind in a group.
func notice(group, kind string) string {
	return `
---
apiVersion: ` + group + `/v1
kind: ` + kind + `
metadata: {name: holidays}
spec: {text: The office is closed}
status: {state: published}
`
}

// notices defines two kinds, of which one has a status subresource.
func notices(group string) string {
	define := func(kind, plural, subresources string) string {
		return `
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ` + plural + `.` + group + `}
spec:
  group: ` + group + `
  scope: Namespaced
  names: {kind: ` + kind + `, plural: ` + plural + `}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: ` + subresources + `
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {text: {type: string}}}
            status: {type: object, properties: {state: {type: string}}}
`
	}
	return define("Notice", "notices", "{}") + define("Report", "reports", "{status: {}}")
}

// A kind without a status subresource has a field of that name that belongs to
// the client that declares it, as for kubectl.
func TestStatusOfAKindThatReportsNoneIsDeclared(t *testing.T) {
	t.Parallel()
	for sentence, blobs := range map[string]func(group string) []string{
		"defined in the same blob": func(group string) []string {
			return []string{notices(group) + notice(group, "Notice") + notice(group, "Report")}
		},
		"defined before": func(group string) []string {
			return []string{notices(group), notice(group, "Notice") + notice(group, "Report")}
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := administrator(t)
			group := s.domain + ".example.org"
			for i, blob := range blobs(group) {
				name := []string{"first", "second"}[i]
				s.apply(name, blob)
				s.ready(name)
			}
			state := func(o *unstructured.Unstructured) string {
				state, _, _ := unstructured.NestedString(o.Object, "status", "state")
				return state
			}
			declared := testkit.Await(t, s.reader(group, "v1", "notices", s.domain), "holidays", nil)
			require.Equal(t, "published", state(declared))
			reported := testkit.Await(t, s.reader(group, "v1", "reports", s.domain), "holidays", nil)
			require.Empty(t, state(reported), "it is a controller's to report")

			mark := s.manager.Mark()
			require.Empty(t, settled(s, s.manager, mark).Writes(), "nothing is sent at rest")
		})
	}
}
