package hierarchy

import (
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/health"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
)

// Render returns a tree as a table.
func Render(roots []*Node, now time.Time) *show.Grid {
	g := &show.Grid{}
	g.Add(show.Cells("NAME", "HEALTH", "READY", "NODE", "AGE", "MESSAGE")...)
	for _, root := range roots {
		addRows(g, root, "", "", root.Namespace+"/", now)
	}
	return g
}

// addRows adds the row of a node and those below it. What is in the namespace of what it
// belongs to is named without it.
func addRows(g *show.Grid, n *Node, first, rest, prefix string, now time.Time) {
	name := first + noun(n.Kind) + " " + prefix + n.Name
	if n.Detail != "" {
		name += " (" + n.Detail + ")"
	}
	age := ""
	if n.Created != nil {
		age = duration.HumanDuration(now.Sub(*n.Created))
	}
	message := n.Message
	if n.Level == health.Ready {
		message = "" // what is well needs no words
	}
	g.Add(show.Cell{Text: name}, show.Cell{Text: string(n.Level), Colour: health.ColourOf(n.Level)},
		show.Cell{Text: n.Ready}, show.Cell{Text: n.Node}, show.Cell{Text: age}, show.Cell{Text: message})
	for i, child := range n.Children {
		branch, below := "├─ ", "│  "
		if i == len(n.Children)-1 {
			branch, below = "└─ ", "   "
		}
		prefix := ""
		if child.Namespace != n.Namespace {
			prefix = child.Namespace + "/"
		}
		addRows(g, child, rest+branch, rest+below, prefix, now)
	}
}

// noun is how a tree calls a kind.
func noun(kind string) string {
	if kind == instanceKind {
		return "Instance"
	}
	return kind
}
