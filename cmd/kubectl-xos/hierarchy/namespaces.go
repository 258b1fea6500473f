package hierarchy

import (
	"maps"
	"slices"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// PodNamespaces returns the namespaces besides this one that the pods of what was read are in:
// those of trust domains that are elsewhere.
func PodNamespaces(s *snapshot.Snapshot, besides string) []string {
	found := map[string]bool{}
	add := func(handle string) {
		if namespace := ownership.RecordedNamespace(handle); namespace != "" && namespace != besides {
			found[namespace] = true
		}
	}
	for _, slice := range snapshot.Of[*xosv1.Slice](s) {
		add(slice.Status.BackendHandle)
	}
	for _, instance := range snapshot.Of[*xosv1.KubernetesServiceInstance](s) {
		add(instance.Status.BackendHandle)
	}
	return slices.Sorted(maps.Keys(found))
}
