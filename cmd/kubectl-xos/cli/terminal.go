package cli

import (
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
)

// Colour is the flag --color.
type Colour struct{ Choice }

// Add adds the flag.
func (c *Colour) Add(cmd *cobra.Command) {
	AddChoice(cmd, &c.Choice, "color", "", "When to use colours; auto does in a terminal, unless $NO_COLOR is set", "auto", "always", "never")
}

// Palette returns the palette of an output.
func (c *Colour) Palette(w io.Writer) show.Palette {
	switch c.String() {
	case "always":
		return true
	case "never":
		return false
	}
	return show.Palette(IsTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// IsTerminal returns whether an output is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Size returns the size of a terminal; zeroes for what is none.
func Size(w io.Writer) (width, height int) {
	f, ok := w.(*os.File)
	if !ok {
		return 0, 0
	}
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, 0
	}
	return width, height
}
