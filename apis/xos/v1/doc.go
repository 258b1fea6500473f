// Package v1 holds the types of the XOS data model, as Kubernetes resources of
// the group xos.opencord.org. It imports nothing but apimachinery and the core
// API types, so that a client of the data model needs nothing else.
//
// How the kinds refer to each other (an arrow reads "names"):
//
//	                 KubernetesService        the cluster
//	                   ▲     ▲     ▲
//	             owner │     │     │ owner
//	                   │     │     └────────────────┐
//	Site            TrustDomain ◄── trustDomain ──┐ │     Image
//	 ▲ ▲               ▲                          │ │       ▲
//	 │ │ site          │ trustDomain              │ │       │ image
//	 │ └─────────── Slice ◄── slice ── KubernetesServiceInstance
//	 │ site          │ │ ▲                  ▲           ▲
//	 │       service │ │ │ slice            │           │ serviceInstance
//	 └── Service ◄───┘ │ └──────────────────│───────────┤
//	        ▲          │ principal          │           │
//	        │ service  ▼                    │       KubernetesConfigVolumeMount ── configMap ──► KubernetesConfigMap
//	    ServicePort  Principal ◄────────────┘       KubernetesSecretVolumeMount ── secret ─────► KubernetesSecret
//	                   ▲        through its slice
//	                   │ principal
//	      KubernetesResourceInstance
//
// Principal, KubernetesConfigMap, KubernetesSecret and
// KubernetesResourceInstance name their trustDomain too. A relation is a plain
// name: of an object in the same namespace, or of a cluster-scoped kind
// (KubernetesService, Site, Image, TrustDomain).
//
// What all kinds share is in lifecycle.go (spec), conditions.go (status) and
// labels.go (metadata); each kind has a file of its own.
//
// +groupName=xos.opencord.org
// +kubebuilder:object:generate=true
package v1
