package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	// stepWidth is the column at which a step's duration begins.
	stepWidth = 66
	// silence is how long a step may take before it is reported as running.
	silence = 3 * time.Second
)

// The colours by their ANSI codes.
const (
	green = "32"
	red   = "31"
	cyan  = "36"
	faint = "2"
	bold  = "1"
)

// screen is the output of the demonstration. Its lines come from several goroutines; the running
// step is always the last one.
type screen struct {
	mu  sync.Mutex
	out io.Writer
	// terminal means that lines can be written over, color that they may be
	// coloured.
	terminal, color bool
	// pending is the name of the step under way.
	pending string
}

func newScreen(out *os.File) *screen {
	info, err := out.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	return &screen{out: out, terminal: terminal, color: terminal && os.Getenv("NO_COLOR") == ""}
}

// step runs a step that takes a while, and reports its name and duration.
func (s *screen) step(name string, do func() error) error {
	began := time.Now()
	s.begin(name)
	waiting := time.AfterFunc(silence, s.remind)
	err := do()
	waiting.Stop()
	s.finish(name, time.Since(began), err)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (s *screen) begin(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = name
	s.drawPending()
}

// remind logs what is running; a terminal shows it all the time.
func (s *screen) remind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending != "" && !s.terminal {
		fmt.Fprintf(s.out, "… %s\n", s.pending)
	}
}

func (s *screen) finish(name string, took time.Duration, err error) {
	mark, color := "✓", green
	if err != nil {
		mark, color = "✗", red
	}
	line := fmt.Sprintf("%s %s %s", s.paint(color, mark), pad(name, stepWidth), s.paint(faint, fmt.Sprintf("%5.1fs", took.Seconds())))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wipePending()
	s.pending = ""
	fmt.Fprintln(s.out, line)
}

// say prints whole lines, above the step under way.
func (s *screen) say(lines ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wipePending()
	for _, line := range lines {
		fmt.Fprintln(s.out, strings.TrimRight(line, " "))
	}
	s.drawPending()
}

func (s *screen) drawPending() {
	if s.pending != "" && s.terminal {
		fmt.Fprintf(s.out, "… %s", s.pending)
	}
}

func (s *screen) wipePending() {
	if s.pending != "" && s.terminal {
		fmt.Fprint(s.out, "\r\033[K")
	}
}

// paint colours text where the output is for a terminal.
func (s *screen) paint(color, text string) string {
	if !s.color {
		return text
	}
	return "\033[" + color + "m" + text + "\033[0m"
}

// pad fills text with spaces up to a width. It counts characters, not bytes.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// columns aligns the cells of a table's rows. The last cell of a row is not
// padded.
func columns(rows [][]string) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if i < len(row)-1 {
				cell = pad(cell, widths[i]+2)
			}
			line.WriteString(cell)
		}
		lines = append(lines, line.String())
	}
	return lines
}
