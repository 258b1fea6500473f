package kinds

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
)

// formerGroup is the group that Kubernetes' own kinds have left for others.
const formerGroup = "extensions"

// Alternatives are the apiVersions in which a kind is served, the most stable one
// first; of one that has left its group, those in the groups of Kubernetes' own.
func (k *Kinds) Alternatives(kind schema.GroupVersionKind) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var own []schema.GroupVersion
	for other := range k.served {
		moved := kind.Group == formerGroup && (!strings.Contains(other.Group, ".") || strings.HasSuffix(other.Group, ".k8s.io"))
		if other.Kind == kind.Kind && (other.Group == kind.Group || moved) {
			own = append(own, other.GroupVersion())
		}
	}
	slices.SortFunc(own, func(a, b schema.GroupVersion) int {
		if a.Group != b.Group {
			return strings.Compare(a.Group, b.Group)
		}
		return version.CompareKubeAwareVersionStrings(b.Version, a.Version)
	})
	names := make([]string, len(own))
	for i, v := range own {
		names[i] = v.String()
	}
	return names
}
