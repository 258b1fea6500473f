// Package hierarchy shows what belongs to what: services, their slices, the instances of these and
// their pods, with the health of each. Its functions are pure.
package hierarchy

import (
	"cmp"
	"slices"
	"time"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/health"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// Node is an object, and what belongs to it.
type Node struct {
	snapshot.Ref
	health.Health
	// Detail is what a slice or record is of: the kind of its controller.
	Detail string `json:"detail,omitempty"`
	// Ready is "1/2": how many pods or containers are ready, of how many.
	Ready    string     `json:"ready,omitempty"`
	Address  string     `json:"address,omitempty"`
	Node     string     `json:"node,omitempty"`
	Created  *time.Time `json:"created,omitempty"`
	Children []*Node    `json:"children,omitempty"`
}

// Kinds are those of the data model that a tree shows.
func Kinds() []string { return []string{serviceKind, sliceKind, instanceKind} }

// Document is a tree as programs read it.
type Document struct {
	Items  []*Node           `json:"items"`
	Unread []snapshot.Unread `json:"unread,omitempty"`
}

// sortNodes orders nodes, and what belongs to them, by kind and name.
func sortNodes(nodes []*Node) {
	slices.SortFunc(nodes, func(a, b *Node) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), a.Compare(b.Ref))
	})
	for _, n := range nodes {
		sortNodes(n.Children)
	}
}

// rank has a service come before the slices that have none, and these before instances.
func rank(kind string) int {
	return slices.Index([]string{serviceKind, sliceKind, instanceKind, podKind}, kind)
}
