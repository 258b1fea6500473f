package layered

// place gives each vertex its height in the drawing: first one below the other, and then as
// near to the middle of those that it is connected to as the order of its column allows.
func (l *layout) place() {
	for _, column := range l.columns {
		y := 0
		for _, v := range column {
			l.vertices[v].y = y + l.vertices[v].height/2
			y += l.vertices[v].height + rowGap
		}
	}
	for sweep := range sweeps {
		before := sweep%2 == 0
		for i := range l.columns {
			c := i
			if !before {
				c = len(l.columns) - 1 - i
			}
			l.placeColumn(l.columns[c], before)
		}
	}
	top := 0
	for i, v := range l.vertices {
		if y := v.y - v.height/2; i == 0 || y < top {
			top = y
		}
	}
	for i := range l.vertices {
		l.vertices[i].y += margin - top
	}
}

// placeColumn places a column so that the squares of distances to where vertices want to be are
// least, in their order and with gaps between them: those that would overlap become a block,
// which is where the mean of them wants to be.
func (l *layout) placeColumn(column []int, before bool) {
	type block struct{ sum, count int }
	value := func(b block) int { return floor(b.sum, b.count) }
	var blocks []block
	offset, offsets := 0, make([]int, len(column))
	for i, v := range column {
		if i > 0 {
			offset += (l.vertices[column[i-1]].height+1)/2 + rowGap + (l.vertices[v].height+1)/2
		}
		offsets[i] = offset
		last := block{l.wanted(v, before) - offset, 1}
		for len(blocks) > 0 && value(blocks[len(blocks)-1]) >= value(last) {
			last.sum += blocks[len(blocks)-1].sum
			last.count += blocks[len(blocks)-1].count
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, last)
	}
	i := 0
	for _, b := range blocks {
		for range b.count {
			l.vertices[column[i]].y = value(b) + offsets[i]
			i++
		}
	}
}

// wanted returns where a vertex wants to be.
func (l *layout) wanted(v int, before bool) int {
	neighbours := l.vertices[v].behind
	if before {
		neighbours = l.vertices[v].before
	}
	if len(neighbours) == 0 {
		return l.vertices[v].y
	}
	sum := 0
	for _, n := range neighbours {
		sum += l.vertices[n].y
	}
	return floor(sum, len(neighbours))
}

// floor divides, and rounds down for negative numbers too.
func floor(a, b int) int {
	if a < 0 && a%b != 0 {
		return a/b - 1
	}
	return a / b
}
