// Package relations shows objects and what relates them as a graph: those of the data model by
// what they name, and native ones by what they come from. An arrow leads from what is named to
// what names it, and from an object to the native objects that it has: from a service to its
// slices, and from these to their instances and pods. Its functions are pure.
package relations

import (
	"cmp"
	"slices"
	"strings"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/health"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// Node is an object.
type Node struct {
	snapshot.Ref
	health.Health
	// Native is whether it is an object of Kubernetes' own, or of others.
	Native bool `json:"native,omitempty"`
}

// Edge leads from a node to another one, by their places in the graph.
type Edge struct {
	From, To int
	// Label says by which field the one names the other; it is empty for native objects.
	Label string
}

// Graph is objects and their relations. Nodes are in the order of their names, and so are edges.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// builder collects what becomes a graph.
type builder struct {
	nodes map[snapshot.Ref]*Node
	edges map[edge]bool
	// natives are those of which the health is known.
	natives map[snapshot.Ref]health.Health
	unread  func(kind string) bool
}

type edge struct {
	from, to snapshot.Ref
	label    string
}

// add adds an object, unless it is there already.
func (b *builder) add(n Node) {
	if b.nodes[n.Ref] == nil {
		b.nodes[n.Ref] = &n
	}
}

// names adds the relation to an object that another one names. What does not exist is shown,
// as missing.
func (b *builder) names(o snapshot.Ref, field, kind, namespace, name string) {
	if name == "" {
		return
	}
	named := snapshot.Ref{Kind: kind, Namespace: namespace, Name: name}
	if b.nodes[named] == nil {
		h := health.Health{Level: health.Missing, Message: "it does not exist"}
		if b.unread(kind) {
			h = health.Health{Level: health.Unknown, Message: "it was not read"}
		}
		b.add(Node{Ref: named, Health: h})
	}
	b.edges[edge{named, o, field}] = true
}

// has adds the relation of an object to a native one.
func (b *builder) has(o, native snapshot.Ref, h health.Health) {
	if native.Name == "" {
		return
	}
	native.Kind = nativeKind(native.Kind)
	if known, ok := b.natives[native]; ok {
		h = known
	}
	b.add(Node{Ref: native, Health: h, Native: true})
	b.edges[edge{from: o, to: native}] = true
}

// nativePrefix keeps kinds apart that have the name of one of ours.
const nativePrefix = "Kubernetes "

// nativeKind is how the kind of a native object is called, so that a Service of Kubernetes is
// not taken for one of ours.
func nativeKind(kind string) string {
	if _, ours := snapshot.KindOf(kind); ours {
		return nativePrefix + kind
	}
	return kind
}

// graph returns what was collected, sorted.
func (b *builder) graph() *Graph {
	g := &Graph{}
	for _, n := range b.nodes {
		g.Nodes = append(g.Nodes, *n)
	}
	slices.SortFunc(g.Nodes, func(a, b Node) int { return a.Compare(b.Ref) })
	at := map[snapshot.Ref]int{}
	for i, n := range g.Nodes {
		at[n.Ref] = i
	}
	for e := range b.edges {
		g.Edges = append(g.Edges, Edge{at[e.from], at[e.to], e.label})
	}
	slices.SortFunc(g.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), strings.Compare(a.Label, b.Label))
	})
	return g
}

// Select returns the part of a graph that has to do with the chosen objects: what follows from
// them by arrows, and all that these or they themselves name. Without selectors it is the whole.
// The selectors that choose nothing are returned too.
func (g *Graph) Select(selectors []snapshot.Selector) (*Graph, []snapshot.Selector) {
	if len(selectors) == 0 {
		return g, nil
	}
	kept := make([]bool, len(g.Nodes))
	var unmatched []snapshot.Selector
	for _, s := range selectors {
		found := false
		for i, n := range g.Nodes {
			if !n.Native && s.Matches(n.Ref) {
				kept[i], found = true, true
			}
		}
		if !found {
			unmatched = append(unmatched, s)
		}
	}
	return g.around(kept), unmatched
}

// inNamespace returns the part of a graph that has to do with what is in a namespace.
func (g *Graph) inNamespace(namespace string) *Graph {
	kept := make([]bool, len(g.Nodes))
	for i, n := range g.Nodes {
		kept[i] = n.Namespace == namespace
	}
	return g.around(kept)
}

// around returns the part of a graph that follows from the kept nodes by arrows, and all that
// leads there. It changes what is kept.
func (g *Graph) around(kept []bool) *Graph {
	reach := func(from, to func(Edge) int) {
		for changed := true; changed; {
			changed = false
			for _, e := range g.Edges {
				if kept[from(e)] && !kept[to(e)] {
					kept[to(e)], changed = true, true
				}
			}
		}
	}
	begin, end := func(e Edge) int { return e.From }, func(e Edge) int { return e.To }
	reach(begin, end)
	reach(end, begin)
	part, at := &Graph{}, map[int]int{}
	for i, n := range g.Nodes {
		if kept[i] {
			at[i] = len(part.Nodes)
			part.Nodes = append(part.Nodes, n)
		}
	}
	for _, e := range g.Edges {
		if kept[e.From] && kept[e.To] {
			part.Edges = append(part.Edges, Edge{at[e.From], at[e.To], e.Label})
		}
	}
	return part
}
