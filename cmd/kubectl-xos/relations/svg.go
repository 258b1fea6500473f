package relations

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/layered"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
)

// Measures of a drawing, in pixels.
const (
	nodeHeight = 42
	nodeInset  = 10
	// A character of a monospace font is 0.6 as wide as its size.
	nameSize, kindSize = 12, 10
	// longest is how many characters of a name are shown.
	longest = 48
)

// width returns the width of a text in a monospace font of a size.
func width(text string, size int) int { return (utf8.RuneCountInString(text)*size*6 + 9) / 10 }

// shorten cuts a text that is too long in its middle: the ends of pods' names tell them apart.
func shorten(text string) string {
	runes := []rune(text)
	if len(runes) <= longest {
		return text
	}
	half := (longest - 1) / 2
	return string(runes[:half]) + "…" + string(runes[len(runes)-half:])
}

// xmlText escapes a text in XML. That it has no control characters is show.Escape's work.
var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// SVG returns a graph as a drawing.
func (g *Graph) SVG() string {
	sizes := make([]layered.Size, len(g.Nodes))
	for i, n := range g.Nodes {
		kind, name := n.lines()
		sizes[i] = layered.Size{Width: max(width(kind, kindSize), width(shorten(name), nameSize)) + 2*nodeInset, Height: nodeHeight}
	}
	edges := make([][2]int, len(g.Edges))
	for i, e := range g.Edges {
		edges[i] = [2]int{e.From, e.To}
	}
	d := layered.Draw(sizes, edges)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" font-family="ui-monospace, Menlo, Consolas, monospace">`+"\n",
		d.Width, d.Height, d.Width, d.Height)
	b.WriteString(`<title>Objects of the XOS Kubernetes Service</title>` + "\n")
	b.WriteString(`<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#757575"/></marker></defs>` + "\n")
	b.WriteString(`<rect width="100%" height="100%" fill="#ffffff"/>` + "\n")
	b.WriteString(`<g fill="none" stroke="#9e9e9e" stroke-width="1.2">` + "\n")
	for i, e := range g.Edges {
		fmt.Fprintf(&b, `<path d="%s" marker-end="url(#arrow)">`, path(d.Edges[i]))
		fmt.Fprintf(&b, "<title>%s</title></path>\n", xmlText.Replace(g.tip(e)))
	}
	b.WriteString("</g>\n")
	for i, n := range g.Nodes {
		n.draw(&b, d.Nodes[i], sizes[i])
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// tip says what an edge is.
func (g *Graph) tip(e Edge) string {
	from, to := show.Escape(g.Nodes[e.From].Ref.String()), show.Escape(g.Nodes[e.To].Ref.String())
	if e.Label == "" {
		return from + " has " + to
	}
	return from + " → " + to + " (" + show.Escape(e.Label) + ")"
}

// path is a line through points that is level at each of them.
func path(points []layered.Point) string {
	var b strings.Builder
	fmt.Fprintf(&b, "M%d %d", points[0].X, points[0].Y)
	for i := 1; i < len(points); i++ {
		from, to := points[i-1], points[i]
		if from.Y == to.Y {
			fmt.Fprintf(&b, "H%d", to.X)
			continue
		}
		middle := (from.X + to.X) / 2
		fmt.Fprintf(&b, "C%d %d %d %d %d %d", middle, from.Y, middle, to.Y, to.X, to.Y)
	}
	return b.String()
}

func (n Node) draw(b *strings.Builder, at layered.Point, size layered.Size) {
	kind, name := n.lines()
	inside, border := fill(n.Level)
	shape := ` rx="8"`
	if n.Native {
		shape = ` stroke-dasharray="4 3"`
	}
	fmt.Fprintf(b, `<g><title>%s</title><rect x="%d" y="%d" width="%d" height="%d"%s fill="%s" stroke="%s"/>`,
		xmlText.Replace(n.tip()), at.X, at.Y, size.Width, size.Height, shape, inside, border)
	fmt.Fprintf(b, `<text x="%d" y="%d" font-size="%d" fill="%s">%s</text>`, at.X+nodeInset, at.Y+16, kindSize, border, xmlText.Replace(kind))
	fmt.Fprintf(b, `<text x="%d" y="%d" font-size="%d" fill="#212121">%s</text></g>`+"\n", at.X+nodeInset, at.Y+32, nameSize, xmlText.Replace(shorten(name)))
}
