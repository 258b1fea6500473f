package manifests

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/component-base/metrics/legacyregistry"

	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

var registerMetrics = sync.OnceFunc(func() {
	reconciler.RegisterMetrics()
	store.RegisterMetrics()
})

// counted are the series of a metric for one kind of object that resource
// instances made: by verb, where it has verbs.
func counted(t *testing.T, metric, kind string) map[string]int {
	t.Helper()
	families, err := legacyregistry.DefaultGatherer.Gather()
	require.NoError(t, err)
	counts := map[string]int{}
	for _, family := range families {
		if family.GetName() != metric {
			continue
		}
		for _, series := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range series.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if labels["kind"] == "KubernetesResourceInstance" && labels["child"] == kind {
				counts[labels["verb"]] = int(series.GetCounter().GetValue())
			}
		}
	}
	return counts
}

func TestWritesAndRepairsAreCounted(t *testing.T) {
	t.Parallel()
	registerMetrics()
	s := administrator(t)
	// A kind that no other test here writes.
	const lease = "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: one, labels: {color: blue}}}\n---\n"
	s.apply("blob", lease+"{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: other}}")
	s.ready("blob")
	require.Equal(t, map[string]int{"create": 2}, counted(t, "xos_child_writes_total", "Lease"))

	leases := s.kube.CoordinationV1().Leases(s.domain)
	_, err := leases.Patch(t.Context(), "one", types.MergePatchType, []byte(`{"metadata":{"labels":{"color":"red"}}}`),
		metav1.PatchOptions{FieldManager: "another-client"})
	require.NoError(t, err)
	s.until("blob", func(i instance) bool { return i.Status.KubectlState == "UPDATED" })
	require.Equal(t, map[string]int{"": 1}, counted(t, "xos_drift_repairs_total", "Lease"))
	require.Equal(t, map[string]int{"create": 2, "apply": 1}, counted(t, "xos_child_writes_total", "Lease"))

	s.apply("blob", lease)
	s.until("blob", func(i instance) bool { return len(i.Status.Inventory) == 1 })
	s.delete("blob")
	require.Equal(t, map[string]int{"create": 2, "apply": 1, "prune": 1, "delete": 1}, counted(t, "xos_child_writes_total", "Lease"))
	require.Equal(t, map[string]int{"": 1}, counted(t, "xos_drift_repairs_total", "Lease"))
}
