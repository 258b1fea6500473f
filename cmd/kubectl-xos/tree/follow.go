package tree

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/hierarchy"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

const (
	// changesTogether is how long further changes are awaited before the tree is shown anew.
	changesTogether = 100 * time.Millisecond
	// agesAfter is how often a terminal shows ages anew.
	agesAfter = 10 * time.Second
)

// follow shows the tree, and anew after each change, until the user ends it.
func (o *options) follow(ctx context.Context, c *cluster.Connection, out, errOut io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	live := c.Live()
	screen := o.newScreen(out, errOut)
	ages := time.NewTicker(agesAfter)
	defer ages.Stop()
	for {
		s, err := read(ctx, live, c.Namespace)
		if err == nil {
			chosen, _ := hierarchy.Select(hierarchy.Build(s), o.selectors)
			err = screen.show(hierarchy.Document{Items: chosen, Unread: s.Unread})
		}
		if ctx.Err() != nil {
			return nil // that is how to end it
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ages.C:
		case <-live.Changed():
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(changesTogether):
			}
		}
	}
}

// screen shows one tree after the other: a terminal is drawn over, and elsewhere one is
// written below the other where something but ages has changed.
type screen struct {
	*options
	out, errOut io.Writer
	terminal    bool
	last        []byte
}

func (o *options) newScreen(out, errOut io.Writer) *screen {
	return &screen{options: o, out: out, errOut: errOut, terminal: cli.IsTerminal(out) && o.output.String() == cli.Table}
}

func (s *screen) show(d hierarchy.Document) error {
	var text bytes.Buffer
	if err := show.WriteJSON(&text, d, false); err != nil {
		return err
	}
	if s.terminal {
		width, height := cli.Size(s.out)
		return s.draw(d, width, height)
	}
	if bytes.Equal(text.Bytes(), s.last) {
		return nil
	}
	first := s.last == nil
	s.last = text.Bytes()
	switch s.output.String() {
	case cli.JSON:
		_, err := s.out.Write(s.last)
		return err
	case cli.YAML:
		return show.WriteYAML(s.out, d)
	}
	lines := s.lines(d, 0)
	if !first {
		lines = append([]string{""}, lines...)
	} else if err := cli.WriteUnread(s.errOut, d.Unread); err != nil {
		return err
	}
	return cli.WriteLines(s.out, lines)
}

func (s *screen) lines(d hierarchy.Document, width int) []string {
	if len(d.Items) == 0 {
		return []string{"Nothing found yet."}
	}
	return hierarchy.Render(d.Items, time.Now()).Lines(s.colour.Palette(s.out), width)
}

// draw draws over a terminal of this size: from its upper left corner on, each line to its
// end, and then what is below. That flickers less than to clear it before.
func (s *screen) draw(d hierarchy.Document, width, height int) error {
	lines := s.lines(d, width)
	for _, sentence := range snapshot.Sentences(d.Unread) {
		lines = append(lines, show.Escape(sentence))
	}
	if height > 1 && len(lines) >= height {
		more := len(lines) - height + 2
		lines = append(lines[:height-2:height-2], fmt.Sprintf("... and %d lines more", more))
	}
	begin := "\x1b[H"
	if s.last == nil {
		begin, s.last = "\x1b[2J\x1b[H", []byte{}
	}
	_, err := io.WriteString(s.out, begin+strings.Join(lines, "\x1b[K\n")+"\x1b[K\n\x1b[J")
	return err
}
