// Package v1 holds the types of the XOS data model, as Kubernetes resources of
// the group xos.opencord.org. It imports nothing but apimachinery and the core
// API types, so that a client of the data model needs nothing else.
//
// How the kinds refer to each other, by the fields of their specs:
//
//	KubernetesService         ◄─ owner ─────────── KubernetesNode, TrustDomain, KubernetesServiceInstance, KubernetesResourceInstance
//	Site                      ◄─ site ──────────── Slice, Service
//	TrustDomain               ◄─ trustDomain ───── Principal, Slice, KubernetesConfigMap, KubernetesSecret, KubernetesResourceInstance
//	Principal                 ◄─ principal ─────── Slice, KubernetesResourceInstance
//	Service                   ◄─ service ───────── Slice, ServicePort
//	Slice                     ◄─ slice ─────────── KubernetesServiceInstance, KubernetesConfigVolumeMount, KubernetesSecretVolumeMount
//	Image                     ◄─ image ─────────── KubernetesServiceInstance
//	KubernetesServiceInstance ◄─ serviceInstance ─ KubernetesConfigVolumeMount, KubernetesSecretVolumeMount
//	KubernetesConfigMap       ◄─ configMap ─────── KubernetesConfigVolumeMount
//	KubernetesSecret          ◄─ secret ────────── KubernetesSecretVolumeMount
//
// So each object is traceable to its cluster. A relation is a plain name: of an
// object in the same namespace, or of a cluster-scoped kind (KubernetesService,
// KubernetesNode, Site, Image, TrustDomain).
//
// What all kinds share is in lifecycle.go (spec), conditions.go (status) and
// wellknown.go (metadata); each kind has a file of its own.
//
// +groupName=xos.opencord.org
// +kubebuilder:object:generate=true
package v1
