package cluster

import (
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
)

const (
	// InstancesBySlice finds and counts KubernetesServiceInstances by the key of the slice
	// that they name.
	InstancesBySlice = "of-slice"
	// InstancesByImage finds them by the name of the Image that their spec names.
	InstancesByImage = "runs-image"
	// ImagesByIdentity finds Images by what no two may share; see desired.IdentityOf.
	ImagesByIdentity = "image-identity"
	// DomainsByNamespace finds trust domains by the namespace that they correspond
	// to.
	DomainsByNamespace = "corresponds-to-namespace"
)

// SliceOf returns the values of InstancesBySlice.
func SliceOf(i *xosv1.KubernetesServiceInstance) []string { return Key(i.Namespace, i.Spec.Slice) }

// ImageOf returns the values of InstancesByImage.
func ImageOf(i *xosv1.KubernetesServiceInstance) []string { return Key("", i.Spec.Image) }

// IdentityOf returns the values of ImagesByIdentity.
func IdentityOf(i *xosv1.Image) []string { return []string{desired.IdentityOf(i)} }

// NamespaceOf returns the values of DomainsByNamespace.
func NamespaceOf(d *xosv1.TrustDomain) []string { return []string{desired.NamespaceOf(d)} }

// Key returns the key of a referent, or nothing if none is named.
func Key(namespace, name string) []string {
	if name == "" {
		return nil
	}
	return []string{cache.NewObjectName(namespace, name).String()}
}
