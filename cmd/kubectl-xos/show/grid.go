package show

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Cell is a text in a column, and its colour.
type Cell struct {
	Text   string
	Colour Colour
}

// Cells returns cells without a colour.
func Cells(texts ...string) []Cell {
	cells := make([]Cell, len(texts))
	for i, text := range texts {
		cells[i].Text = text
	}
	return cells
}

// Grid is a table that is complete before it is written, so that its columns are as wide as
// their texts. The texts are of others: they are escaped.
type Grid struct{ rows [][]Cell }

// Add adds a row. Its last column may be missing.
func (g *Grid) Add(cells ...Cell) { g.rows = append(g.rows, cells) }

// Lines returns the table's lines. Where width is not 0, none is longer. An empty cell that
// another one follows is shown as "-", so that programs can count columns.
func (g *Grid) Lines(p Palette, width int) []string {
	widths := map[int]int{}
	rows := make([][]Cell, len(g.rows))
	for r, row := range g.rows {
		rows[r] = slices.Clone(row)
		for c := range row {
			text := Escape(row[c].Text)
			if text == "" && c < len(row)-1 {
				text = "-"
			}
			rows[r][c].Text = text
			widths[c] = max(widths[c], utf8.RuneCountInString(text))
		}
	}
	const gap = 3
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		var b strings.Builder
		pad, at := 0, 0
		for c, cell := range row {
			if cell.Text == "" {
				continue
			}
			text := cell.Text
			if width > 0 {
				text = cut(text, width-at-pad)
			}
			if text == "" {
				break
			}
			b.WriteString(strings.Repeat(" ", pad))
			b.WriteString(p.Paint(cell.Colour, text))
			at += pad + utf8.RuneCountInString(text)
			pad = widths[c] - utf8.RuneCountInString(text) + gap
		}
		lines = append(lines, b.String())
	}
	return lines
}

// cut returns the beginning of a text that is too long, with a mark at its end.
func cut(text string, length int) string {
	if utf8.RuneCountInString(text) <= length {
		return text
	}
	if length <= 0 {
		return ""
	}
	return string([]rune(text)[:length-1]) + "…"
}
