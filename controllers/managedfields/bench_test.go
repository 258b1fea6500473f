package managedfields_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"xos.opencord.org/kubernetes-service/controllers/managedfields"
)

// The comparisons run in every pass over an object of ours, and the record is trimmed in
// every event of one, so what they cost is measured: for a Deployment of one container,
// and for a Service whose twenty ports are found by their keys.
func BenchmarkRecord(b *testing.B) {
	ports := ""
	for i := range 20 {
		ports += fmt.Sprintf("\n  - {name: p%d, port: %d, protocol: TCP}", i, 8000+i)
	}
	for name, wish := range map[string]string{
		"Deployment": wantedDeployment,
		"Service":    "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {app: web}\n  ports:" + ports,
	} {
		var want map[string]any
		require.NoError(b, yaml.Unmarshal([]byte(wish), &want))
		live := newServer(b, wish, types.ApplyPatchType).live()
		claim := managedfields.Of(live.GetManagedFields(), "us")
		require.NotNil(b, claim)
		b.Run("Held/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !managedfields.Held(claim, want) {
					b.Fatal("what was applied is held")
				}
			}
		})
		b.Run("Drift/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if lost, ok := managedfields.Drift(claim, metav1.ManagedFieldsOperationApply, want, live.Object); !ok || len(lost) > 0 {
					b.Fatal("nothing was changed")
				}
			}
		})
	}
	owned := metav1.NewFieldsV1(`{"f:metadata":{"f:annotations":{".":{},"f:xos.opencord.org/applied":{},"f:xos.opencord.org/owner":{}},` +
		`"f:labels":{".":{},"f:app.kubernetes.io/managed-by":{}},"f:ownerReferences":{"k:{\"uid\":\"0d6c1a3e\"}":{}}},"f:data":{"f:a":{},"f:b":{}}}`)
	b.Run("WithoutOwners", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			managedfields.WithoutOwners(owned)
		}
	})
}
