package manifests

import (
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// A definition may allow a status that is not as kstatus reads it.
func TestAnUnconventionalStatusIsReadAsWellAsPossible(t *testing.T) {
	t.Parallel()
	s := administrator(t)
	group := s.domain + ".example.org"
	s.apply("definition", `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gates.`+group+`}
spec:
  group: `+group+`
  scope: Namespaced
  names: {kind: Gate, listKind: GateList, plural: gates, singular: gate}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {hosts: {type: array, items: {type: string}}}}
            status:
              type: object
              x-kubernetes-preserve-unknown-fields: true
              properties: {observedGeneration: {x-kubernetes-int-or-string: true}}
`)
	s.ready("definition")
	s.apply("gates", `
apiVersion: `+group+`/v1
kind: Gate
metadata: {name: main}
spec: {hosts: [shop.example.org]}
---
apiVersion: `+group+`/v1
kind: Gate
metadata: {name: side}
spec: {hosts: [side.example.org]}
`)
	s.ready("gates")
	gates := s.dynamic.Resource(schema.GroupVersionResource{Group: group, Version: "v1", Resource: "gates"}).Namespace(s.domain)
	report := func(name, status string) {
		_, err := gates.Patch(t.Context(), name, types.MergePatchType, []byte(`{"status":`+status+`}`), metav1.PatchOptions{}, "status")
		require.NoError(t, err)
	}
	report("main", `{"observedGeneration": "0"}`)
	s.unready("gates", xosv1.ReasonProgressing, "Gate $domain/main", "generation")
	report("main", `{"observedGeneration": "1", "conditions": [{"type": "Reconciled", "status": "True", "reason": "InSync", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}`)
	s.ready("gates")
	report("side", `{"observedGeneration": 1, "conditions": {"ready": "yes"}}`)
	s.until("gates", func(i instance) bool {
		return entry(i, "Gate", "side").Message == "status.conditions can't be read, and does not count"
	})
	i := s.ready("gates")
	require.Equal(t, xosv1.HealthCurrent, entry(i, "Gate", "side").Health)
	s.delete("gates")
	s.delete("definition")
}
