// Package layered lays out a directed graph from left to right: arrows lead from one column to
// a later one, so that few cross and few are bent. The method is Sugiyama's: columns by the longest
// path, their order by barycentres, and places by what lies before and behind. All of it is done
// in whole numbers, so that every machine comes to the same drawing. Its functions are pure.
package layered

// Point is a place in a drawing, of which the origin is the upper left corner.
type Point struct{ X, Y int }

// Size is that of a node.
type Size struct{ Width, Height int }

// Drawing is a graph that is laid out.
type Drawing struct {
	Size
	// Nodes are the upper left corners of nodes.
	Nodes []Point
	// Edges are the points that edges lead through: from the right side of a node, and through
	// the two sides of each column in between, to the left side of another one.
	Edges [][]Point
}

// Distances in a drawing.
const (
	margin    = 20
	columnGap = 60
	rowGap    = 12
	// bend is the height that an edge has in a column that it only passes.
	bend = 8
	// sweeps is how often the order and the places are made better.
	sweeps = 12
)

// vertex is a node, or a place where an edge passes a column.
type vertex struct {
	column, height int
	before, behind []int
	// y is of its middle.
	y int
}

// layout is the graph while it is laid out: the first vertices are the nodes.
type layout struct {
	vertices []vertex
	columns  [][]int
	// through are the vertices of each edge.
	through [][]int
}

// Draw lays out a graph of nodes of these sizes. An edge is a pair of nodes' places.
func Draw(sizes []Size, edges [][2]int) *Drawing {
	l := newLayout(sizes, edges)
	l.order()
	l.place()
	return l.draw(sizes, edges)
}

func newLayout(sizes []Size, edges [][2]int) *layout {
	forward := acyclic(len(sizes), edges)
	l := &layout{}
	columns := 0
	for i, column := range columnsOf(len(sizes), forward) {
		l.vertices = append(l.vertices, vertex{column: column, height: sizes[i].Height})
		columns = max(columns, column+1)
	}
	for _, e := range forward {
		path := []int{e[0]}
		for column := l.vertices[e[0]].column + 1; column < l.vertices[e[1]].column; column++ {
			path = append(path, len(l.vertices))
			l.vertices = append(l.vertices, vertex{column: column, height: bend})
		}
		path = append(path, e[1])
		for i := 1; i < len(path); i++ {
			from, to := &l.vertices[path[i-1]], &l.vertices[path[i]]
			from.behind, to.before = append(from.behind, path[i]), append(to.before, path[i-1])
		}
		l.through = append(l.through, path)
	}
	l.columns = make([][]int, columns)
	for i, v := range l.vertices {
		l.columns[v.column] = append(l.columns[v.column], i)
	}
	return l
}

// acyclic returns the edges, with those turned round that close a circle.
func acyclic(nodes int, edges [][2]int) [][2]int {
	from := make([][]int, nodes)
	for i, e := range edges {
		from[e[0]] = append(from[e[0]], i)
	}
	forward := append([][2]int(nil), edges...)
	const unseen, open, done = 0, 1, 2
	state := make([]int, nodes)
	var visit func(n int)
	visit = func(n int) {
		state[n] = open
		for _, i := range from[n] {
			switch to := edges[i][1]; state[to] {
			case unseen:
				visit(to)
			case open:
				forward[i] = [2]int{to, n}
			}
		}
		state[n] = done
	}
	for n := range nodes {
		if state[n] == unseen {
			visit(n)
		}
	}
	return forward
}

// columnsOf returns the column of each node: one behind the last of those before it, and for
// a node that nothing leads to, right before the first of those behind it.
func columnsOf(nodes int, edges [][2]int) []int {
	columns, waiting := make([]int, nodes), make([]int, nodes)
	behind := make([][]int, nodes)
	for _, e := range edges {
		if e[0] == e[1] {
			continue
		}
		waiting[e[1]]++
		behind[e[0]] = append(behind[e[0]], e[1])
	}
	var next, first []int
	for n := range nodes {
		if waiting[n] == 0 {
			next = append(next, n)
		}
	}
	first = append(first, next...)
	for len(next) > 0 {
		n := next[0]
		next = next[1:]
		for _, to := range behind[n] {
			columns[to] = max(columns[to], columns[n]+1)
			if waiting[to]--; waiting[to] == 0 {
				next = append(next, to)
			}
		}
	}
	for _, n := range first {
		nearest := -1
		for _, to := range behind[n] {
			if nearest < 0 || columns[to] < nearest {
				nearest = columns[to]
			}
		}
		columns[n] = max(nearest-1, 0)
	}
	return columns
}

// draw returns the drawing of what is placed.
func (l *layout) draw(sizes []Size, edges [][2]int) *Drawing {
	d := &Drawing{}
	left, right := make([]int, len(l.columns)), make([]int, len(l.columns))
	x := margin
	for c, column := range l.columns {
		left[c], right[c] = x, x
		for _, v := range column {
			if v < len(sizes) {
				right[c] = max(right[c], x+sizes[v].Width)
			}
			d.Height = max(d.Height, l.vertices[v].y+l.vertices[v].height/2+margin)
		}
		x = right[c] + columnGap
	}
	d.Width = max(x-columnGap+margin, 2*margin)
	d.Height = max(d.Height, 2*margin)
	for i, size := range sizes {
		d.Nodes = append(d.Nodes, Point{left[l.vertices[i].column], l.vertices[i].y - size.Height/2})
	}
	for i, path := range l.through {
		last := len(path) - 1
		points := []Point{{d.Nodes[path[0]].X + sizes[path[0]].Width, l.vertices[path[0]].y}}
		for _, v := range path[1:last] {
			y, column := l.vertices[v].y, l.vertices[v].column
			points = append(points, Point{left[column], y}, Point{right[column], y})
		}
		points = append(points, Point{d.Nodes[path[last]].X, l.vertices[path[last]].y})
		if path[0] != edges[i][0] { // it was turned round
			for a, b := 0, len(points)-1; a < b; a, b = a+1, b-1 {
				points[a], points[b] = points[b], points[a]
			}
		}
		d.Edges = append(d.Edges, points)
	}
	return d
}
