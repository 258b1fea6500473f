package relations

import (
	"fmt"
	"strings"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/health"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
)

// fill returns the colour of a node's inside and of its border.
func fill(l health.Level) (inside, border string) {
	switch l {
	case health.Ready:
		return "#e6f4ea", "#2e7d32"
	case health.Progressing, health.Missing:
		return "#fff8e1", "#b26a00"
	case health.Failed:
		return "#fdecea", "#c62828"
	case health.Terminating:
		return "#f3e5f5", "#7b1fa2"
	case health.Suspended, health.Unknown:
	}
	return "#f5f5f5", "#616161"
}

// lines are what a node shows: its kind and health, and its name.
func (n Node) lines() (kind, name string) {
	kind = n.Kind
	if n.Level != health.Unknown {
		kind += " · " + string(n.Level)
	}
	return show.Escape(kind), show.Escape(strings.TrimPrefix(n.Namespace+"/"+n.Name, "/"))
}

// tip is all that is known of a node, in one line.
func (n Node) tip() string {
	text := n.Ref.String() + ": " + string(n.Level)
	if n.Message != "" {
		text += ": " + n.Message
	}
	return show.Escape(text)
}

// dotText escapes a text in the quotes of Graphviz, where a backslash begins an escape sequence.
var dotText = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// DOT returns a graph in the language of Graphviz.
func (g *Graph) DOT() string {
	var b strings.Builder
	b.WriteString("digraph xos {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"monospace\", fontsize=11];\n" +
		"  edge [fontname=\"monospace\", fontsize=9, color=\"#757575\"];\n")
	for i, n := range g.Nodes {
		kind, name := n.lines()
		inside, border := fill(n.Level)
		style := ""
		if n.Native {
			style = `, style="filled,dashed"`
		}
		fmt.Fprintf(&b, "  n%d [label=\"%s\\n%s\", tooltip=\"%s\", fillcolor=\"%s\", color=\"%s\"%s];\n",
			i, dotText.Replace(kind), dotText.Replace(name), dotText.Replace(n.tip()), inside, border, style)
	}
	for _, e := range g.Edges {
		label := ""
		if e.Label != "" {
			label = fmt.Sprintf(` [label="%s"]`, dotText.Replace(show.Escape(e.Label)))
		}
		fmt.Fprintf(&b, "  n%d -> n%d%s;\n", e.From, e.To, label)
	}
	b.WriteString("}\n")
	return b.String()
}

// mermaidText escapes a text in the quotes of Mermaid, which reads Markdown and HTML there.
var mermaidText = strings.NewReplacer(
	"&", "#amp;", "#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "`", "#96;", `\`, "#92;", "*", "#42;", "_", "#95;", "|", "#124;",
)

// Mermaid returns a graph as a flowchart of Mermaid.
func (g *Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	used := map[health.Level]bool{}
	for i, n := range g.Nodes {
		kind, name := n.lines()
		opening, closing := "(", ")"
		if n.Native {
			opening, closing = "[", "]"
		}
		fmt.Fprintf(&b, "  n%d%s\"%s<br/>%s\"%s:::%s\n", i, opening, mermaidText.Replace(kind), mermaidText.Replace(name), closing, strings.ToLower(string(n.Level)))
		used[n.Level] = true
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if e.Label != "" {
			arrow = fmt.Sprintf(`-->|"%s"|`, mermaidText.Replace(show.Escape(e.Label)))
		}
		fmt.Fprintf(&b, "  n%d %s n%d\n", e.From, arrow, e.To)
	}
	for _, l := range []health.Level{health.Ready, health.Suspended, health.Progressing, health.Terminating, health.Failed, health.Missing, health.Unknown} {
		if used[l] {
			inside, border := fill(l)
			fmt.Fprintf(&b, "  classDef %s fill:%s,stroke:%s,color:#212121\n", strings.ToLower(string(l)), inside, border)
		}
	}
	return b.String()
}
