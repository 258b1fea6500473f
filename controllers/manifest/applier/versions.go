package applier

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// A kind is its group and name: an object that was applied in one version is there in
// each. Its version, its plural and its scope are looked up again when the server says
// that they are not served, and it is gone once no version of the group has its kind.

// askVersions asks the server for a kind in its version, and where that does not have
// it, in the others of the group.
func (k *kinds) askVersions(kind schema.GroupVersionKind) (found resource, served bool, _ error) {
	found, served, err := k.askVersion(kind)
	if err != nil || served {
		return found, served, err
	}
	groups, err := k.client.ServerGroups()
	if err != nil {
		return resource{}, false, fmt.Errorf("ask for the versions of %s: %w", kind.Group, err)
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
	return resource{}, false, nil
}

func (k *kinds) askVersion(kind schema.GroupVersionKind) (found resource, served bool, _ error) {
	answer, err := k.client.ServerResourcesForGroupVersion(kind.GroupVersion().String())
	if apierrors.IsNotFound(err) {
		return resource{}, false, nil
	}
	if err != nil {
		return resource{}, false, fmt.Errorf("ask for the kinds of %s: %w", kind.GroupVersion(), err)
	}
	found, served = resourcesOf([]*metav1.APIResourceList{answer})[kind]
	return found, served, nil
}

// formerGroup is the group that Kubernetes' own kinds have left for others.
const formerGroup = "extensions"

// alternatives are the apiVersions in which a kind is served, the most stable one
// first; of one that has left its group, those in the groups of Kubernetes' own.
func (k *kinds) alternatives(kind schema.GroupVersionKind) []string {
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

// notServed is the error for a document whose kind was not found.
func (p *pass) notServed(document manifest.Document, err error) error {
	version, kind := document.Kind.ToAPIVersionAndKind()
	if !errors.Is(err, errUnknownKind) {
		return fmt.Errorf("%s: the cluster could not say whether it has the kind %s in %s: %w", document.ID(), kind, version, err)
	}
	if others := p.kinds.alternatives(document.Kind); len(others) > 0 {
		const most = 3
		return verdict.Obstruct(xosv1.ReasonInvalid, "%s: the cluster has no kind %s in %s, but in %s: write that as its apiVersion",
			document.ID(), kind, version, strings.Join(others[:min(len(others), most)], ", "))
	}
	return fmt.Errorf("%s: the cluster has no kind %s in %s: trying again until a definition or a server brings it", document.ID(), kind, version)
}
