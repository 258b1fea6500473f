package show

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Printer writes messages.
type Printer interface {
	Print(w io.Writer, v View) error
}

// nothing is shown in a column that has no text, so that programs can count columns.
const nothing = "<none>"

// longestName is that of an object. A longer text, which no manager writes, makes no column wider.
const longestName = 253

// Table is a Printer of a line for each message, of which there is none for a tombstone. The
// columns are as wide as what was shown so far: lines are written as they come.
type Table struct{ widths []int }

// Print implements Printer.
func (t *Table) Print(w io.Writer, v View) error {
	if v.Status == Forgotten {
		return nil
	}
	if t.widths == nil {
		t.widths = []int{len(time.RFC3339) - len("+07:00") + len("Z"), len("created"), 25, 12, 24, 12}
		if err := t.line(w, "TIME", "STATUS", "KIND", "NAMESPACE", "NAME", "SLICE", "ADDRESSES"); err != nil {
			return err
		}
	}
	name := v.Name
	if v.Status == Unreadable {
		name = v.Key
	}
	var of []string
	for _, slice := range v.Slices {
		of = append(of, strings.TrimPrefix(slice, v.Namespace+"/"))
	}
	return t.line(w, v.Time.UTC().Format(time.RFC3339), v.Status, v.Kind, v.Namespace, name, strings.Join(of, ","), strings.Join(v.Addresses, ","))
}

func (t *Table) line(w io.Writer, columns ...string) error {
	var b strings.Builder
	for i, text := range columns {
		if text = Escape(text); text == "" {
			text = nothing
		}
		b.WriteString(text)
		if i < len(t.widths) {
			width := utf8.RuneCountInString(text)
			t.widths[i] = max(t.widths[i], min(width, longestName))
			b.WriteString(strings.Repeat(" ", max(t.widths[i]-width, 0)+3))
		}
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}
