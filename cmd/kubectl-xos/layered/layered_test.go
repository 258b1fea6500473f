package layered

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sizes(n int) []Size {
	all := make([]Size, n)
	for i := range all {
		all[i] = Size{100, 40}
	}
	return all
}

func TestAChainIsALine(t *testing.T) {
	d := Draw(sizes(3), [][2]int{{0, 1}, {1, 2}})
	assert.Equal(t, []Point{{20, 20}, {180, 20}, {340, 20}}, d.Nodes)
	assert.Equal(t, [][]Point{{{120, 40}, {180, 40}}, {{280, 40}, {340, 40}}}, d.Edges)
	assert.Equal(t, Size{460, 80}, d.Size)
}

func TestAnEmptyGraphHasASize(t *testing.T) {
	assert.Equal(t, &Drawing{Size: Size{40, 40}}, Draw(nil, nil))
}

func TestAParentIsInTheMiddleOfItsChildren(t *testing.T) {
	d := Draw(sizes(4), [][2]int{{0, 1}, {0, 2}, {0, 3}})
	assert.Equal(t, d.Nodes[2].Y, d.Nodes[0].Y)
	assert.Equal(t, d.Nodes[2].Y-52, d.Nodes[1].Y)
	assert.Equal(t, d.Nodes[2].Y+52, d.Nodes[3].Y)
}

func TestWhatNothingLeadsToIsNearWhatItLeadsTo(t *testing.T) {
	d := Draw(sizes(4), [][2]int{{0, 1}, {1, 2}, {3, 2}})
	assert.Equal(t, d.Nodes[1].X, d.Nodes[3].X)
}

func TestLinesThatNeedNotCrossDoNot(t *testing.T) {
	d := Draw(sizes(4), [][2]int{{0, 3}, {1, 2}})
	assert.Equal(t, d.Nodes[0].Y < d.Nodes[1].Y, d.Nodes[3].Y < d.Nodes[2].Y)
}

func TestCrossingsAreCounted(t *testing.T) {
	assert.Equal(t, 3, inversions([]int{3, 2, 1}))
	assert.Equal(t, 0, inversions([]int{1, 1, 2}))
	assert.Equal(t, 2, inversions([]int{2, 2, 1}))
}

// TestNoDrawingOverlaps draws graphs of all kinds, with circles too, and looks that no node
// covers another one, that edges end where nodes are, and that it is the same each time.
func TestNoDrawingOverlaps(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		nodes := 1 + random.IntN(30)
		all := sizes(nodes)
		for i := range all {
			all[i].Width += random.IntN(100)
		}
		var edges [][2]int
		for range random.IntN(3 * nodes) {
			if e := [2]int{random.IntN(nodes), random.IntN(nodes)}; e[0] != e[1] {
				edges = append(edges, e)
			}
		}
		d := Draw(all, edges)
		require.Equal(t, d, Draw(all, edges), "seed %d", seed)
		for i, a := range d.Nodes {
			require.True(t, a.X >= margin && a.Y >= margin && a.X+all[i].Width <= d.Width && a.Y+all[i].Height <= d.Height, "seed %d: node %d is outside", seed, i)
			for j, b := range d.Nodes[:i] {
				apart := a.X+all[i].Width <= b.X || b.X+all[j].Width <= a.X || a.Y+all[i].Height+rowGap <= b.Y || b.Y+all[j].Height+rowGap <= a.Y
				require.True(t, apart, "seed %d: nodes %d and %d overlap", seed, i, j)
			}
		}
		require.Len(t, d.Edges, len(edges))
		for i, e := range edges {
			first, last := d.Edges[i][0], d.Edges[i][len(d.Edges[i])-1]
			require.Equal(t, d.Nodes[e[0]].Y+20, first.Y, "seed %d", seed)
			require.Equal(t, d.Nodes[e[1]].Y+20, last.Y, "seed %d", seed)
			require.NotEqual(t, first.X, last.X, "seed %d", seed)
		}
	}
}
