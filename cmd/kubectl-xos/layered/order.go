package layered

import "slices"

// order orders the vertices of each column so that few edges cross: each goes to the middle of
// those that it is connected to in the column before, then in the column behind, and so on. The
// best of the orders that come up is taken.
func (l *layout) order() {
	best, fewest := l.copyColumns(), l.crossings()
	for sweep := range sweeps {
		before := sweep%2 == 0
		for i := range l.columns {
			c := i
			if !before {
				c = len(l.columns) - 1 - i
			}
			l.orderColumn(c, before)
		}
		if crossings := l.crossings(); crossings < fewest {
			best, fewest = l.copyColumns(), crossings
		}
	}
	l.columns = best
}

func (l *layout) copyColumns() [][]int {
	columns := make([][]int, len(l.columns))
	for i, column := range l.columns {
		columns[i] = slices.Clone(column)
	}
	return columns
}

// positions returns the place of each vertex in its column.
func (l *layout) positions() []int {
	at := make([]int, len(l.vertices))
	for _, column := range l.columns {
		for i, v := range column {
			at[v] = i
		}
	}
	return at
}

// precise makes fractions of places whole numbers.
const precise = 1 << 10

func (l *layout) orderColumn(c int, before bool) {
	at := l.positions()
	middle := make(map[int]int, len(l.columns[c]))
	for _, v := range l.columns[c] {
		neighbours := l.vertices[v].behind
		if before {
			neighbours = l.vertices[v].before
		}
		middle[v] = at[v] * precise // where it is, without any
		if len(neighbours) > 0 {
			sum := 0
			for _, n := range neighbours {
				sum += at[n]
			}
			middle[v] = sum * precise / len(neighbours)
		}
	}
	slices.SortStableFunc(l.columns[c], func(a, b int) int { return middle[a] - middle[b] })
}

// crossings returns how many pairs of edges between neighbouring columns cross.
func (l *layout) crossings() int {
	at, crossings := l.positions(), 0
	for _, column := range l.columns {
		var ends []int
		for _, v := range column {
			of := make([]int, 0, len(l.vertices[v].behind))
			for _, n := range l.vertices[v].behind {
				of = append(of, at[n])
			}
			slices.Sort(of)
			ends = append(ends, of...)
		}
		crossings += inversions(ends)
	}
	return crossings
}

// inversions returns how many pairs of numbers are in the wrong order, and sorts them.
func inversions(numbers []int) int {
	if len(numbers) < 2 {
		return 0
	}
	half := len(numbers) / 2
	left, right := slices.Clone(numbers[:half]), slices.Clone(numbers[half:])
	count := inversions(left) + inversions(right)
	i, j := 0, 0
	for k := range numbers {
		if j == len(right) || i < len(left) && left[i] <= right[j] {
			numbers[k] = left[i]
			i++
			continue
		}
		numbers[k] = right[j]
		j++
		count += len(left) - i
	}
	return count
}
