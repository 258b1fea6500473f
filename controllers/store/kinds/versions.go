package kinds

import (
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
)

// askVersions asks the server for a kind in its version, and where that does not have
// it, in the others of the group.
func (k *Kinds) askVersions(kind schema.GroupVersionKind) (found Resource, served bool, _ error) {
	found, served, err := k.askVersion(kind)
	if err != nil || served {
		return found, served, err
	}
	groups, err := k.client.ServerGroups()
	if err != nil {
		return Resource{}, false, fmt.Errorf("ask for the versions of %s: %w", kind.Group, err)
	}
	for _, group := range groups.Groups {
		if group.Name != kind.Group {
			continue
		}
		for _, v := range group.Versions {
			if v.Version == kind.Version {
				continue
			}
			if found, served, err = k.askVersion(kind.GroupKind().WithVersion(v.Version)); err != nil || served {
				return found, served, err
			}
		}
	}
	return Resource{}, false, nil
}

func (k *Kinds) askVersion(kind schema.GroupVersionKind) (found Resource, served bool, _ error) {
	answer, err := k.client.ServerResourcesForGroupVersion(kind.GroupVersion().String())
	if apierrors.IsNotFound(err) {
		return Resource{}, false, nil
	}
	if err != nil {
		return Resource{}, false, fmt.Errorf("ask for the kinds of %s: %w", kind.GroupVersion(), err)
	}
	found, served = resourcesOf([]*metav1.APIResourceList{answer})[kind]
	return found, served, nil
}

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
