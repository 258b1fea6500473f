package record

import (
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Kinds of the custom resources that are records.
const (
	InstanceKind    = "KubernetesServiceInstance"
	SliceKind       = "Slice"
	PrincipalKind   = "Principal"
	TrustDomainKind = "TrustDomain"
	ImageKind       = "Image"
	NodeRecordKind  = "KubernetesNode"
)

// Kinds that records mirror.
var (
	PodKind            = schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	NamespaceKind      = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
	ServiceAccountKind = schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccount"}
	NodeKind           = schema.GroupVersionKind{Version: "v1", Kind: "Node"}
)

// IsXOS returns whether an API version is one of our custom resources'.
func IsXOS(apiVersion string) bool {
	return schema.FromAPIVersionAndKind(apiVersion, "").Group == xosv1.GroupName
}
