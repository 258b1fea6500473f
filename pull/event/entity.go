package event

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Kind is a kind of entity, as keys, types and sources of events name it.
type Kind string

// The kinds of entities. Only instances are on the topic of details.
const (
	// Instance is the kind of a pod, which is a KubernetesServiceInstance of XOS.
	Instance Kind = "kubernetesserviceinstance"
	// Node is the kind of a node, and Service that of the cluster.
	Node    Kind = "node"
	Service Kind = "kubernetesservice"
	// The others are the kinds of custom resources.
	Slice       Kind = "slice"
	TrustDomain Kind = "trustdomain"
	Principal   Kind = "principal"
	Image       Kind = "image"
)

// Kinds are all kinds of entities.
var Kinds = []Kind{Instance, Slice, TrustDomain, Principal, Image, Node, Service}

// ID identifies an entity of one cluster. The UID of an instance is that of its pod.
type ID struct {
	Kind Kind
	UID  types.UID
}

// Entity is what events report of an object of the cluster at one time.
type Entity struct {
	ID
	Namespace, Name string
	ResourceVersion string
	Labels          map[string]string
	// Addresses are the IP addresses of a pod, and all addresses of a node.
	Addresses []string
	// References are the edges of the entity.
	References []Reference
	// Image and Node are what only an image and a node have; nil in others.
	Image *ImageDetails
	Node  *NodeDetails
	// CreatedAt and DeletedAt are zero where they are not known.
	CreatedAt, DeletedAt time.Time
}

// Reference is an edge from an entity to another object of its cluster: to what it belongs
// to, is made of, or runs on.
type Reference struct {
	// Kind is the kind of the object as its API names it, such as "Slice".
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// ImageDetails are what an image is found by.
type ImageDetails struct {
	Name   string `json:"name"`
	Tag    string `json:"tag,omitempty"`
	Digest string `json:"digest,omitempty"`
}

// NodeDetails are what a node shows and other entities do not have.
type NodeDetails struct {
	Addresses      []xosv1.NodeAddress `json:"addresses,omitempty"`
	Provider       string              `json:"provider,omitempty"`
	ProviderID     string              `json:"providerID,omitempty"`
	Zone           string              `json:"zone,omitempty"`
	Region         string              `json:"region,omitempty"`
	Roles          []string            `json:"roles,omitempty"`
	KubeletVersion string              `json:"kubeletVersion,omitempty"`
	Ready          bool                `json:"ready"`
	Unschedulable  bool                `json:"unschedulable"`
}

// id is the same each time an event is sent, so that a consumer recognizes a repetition.
func (e Entity) id(status xosv1.EventStatus) string {
	if status == xosv1.EventUpdated {
		return string(e.UID) + "." + e.ResourceVersion
	}
	return string(e.UID) + "." + string(status)
}

// time returns when the event happened; now where that is not known.
func (e Entity) time(status xosv1.EventStatus, now time.Time) time.Time {
	switch {
	case status == xosv1.EventCreated && !e.CreatedAt.IsZero():
		return e.CreatedAt
	case status == xosv1.EventDeleted && !e.DeletedAt.IsZero():
		return e.DeletedAt
	}
	return now
}

// padded writes a resource version with 20 digits, so that text sorts as numbers.
func padded(resourceVersion string) string {
	const digits = 20
	return strings.Repeat("0", max(0, digits-len(resourceVersion))) + resourceVersion
}
