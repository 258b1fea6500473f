// Package cli has what the commands have in common: flags of their output, completion, and
// the error by which a command that works exits with 1.
package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/checks"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// ErrFound is the error of a command that has found what it looks for, such as what is not
// well, and has printed it: it exits with 1 as diff does, and nothing more is printed.
var ErrFound = errors.New("found, and printed")

// The forms of an output that most commands have.
const (
	Table = "table"
	JSON  = "json"
	YAML  = "yaml"
)

// Choice is a flag's value that is one of some. It implements pflag.Value.
type Choice struct {
	value string
	of    []string
}

// String implements pflag.Value.
func (c *Choice) String() string { return c.value }

// Type implements pflag.Value.
func (c *Choice) Type() string { return "string" }

// Set implements pflag.Value.
func (c *Choice) Set(value string) error {
	if !slices.Contains(c.of, value) {
		return fmt.Errorf("it is not one of %s", strings.Join(c.of, ", "))
	}
	c.value = value
	return nil
}

// AddChoice adds a flag of which the value is one of some, by default the first. The values
// are completed. The usage names no values: they are added to it.
func AddChoice(cmd *cobra.Command, c *Choice, flag, short, usage string, of ...string) {
	*c = Choice{of[0], of}
	cmd.Flags().VarP(c, flag, short, usage+": "+strings.Join(of, ", ")+".")
	Complete(cmd, flag, cobra.FixedCompletions(of, cobra.ShellCompDirectiveNoFileComp))
}

// Output is the flag -o.
type Output struct{ Choice }

// Add adds the flag. Without forms, they are table, json and yaml; the first is the default.
func (o *Output) Add(cmd *cobra.Command, forms ...string) {
	if len(forms) == 0 {
		forms = []string{Table, JSON, YAML}
	}
	AddChoice(cmd, &o.Choice, "output", "o", "Form of the output", forms...)
}

// Write writes a value as JSON or YAML, where one of these is asked for; otherwise text writes
// what people read.
func (o *Output) Write(w io.Writer, value any, text func(io.Writer) error) error {
	switch o.String() {
	case JSON:
		return show.WriteJSON(w, value, true)
	case YAML:
		return show.WriteYAML(w, value)
	}
	return text(w)
}

// WriteResults writes what checks have come to, for programs a document of them. A problem is ErrFound.
func WriteResults(w io.Writer, o *Output, c *Colour, document any, results []checks.Result) error {
	err := o.Write(w, document, func(w io.Writer) error { return WriteLines(w, checks.Lines(results, c.Palette(w))) })
	if err == nil && checks.Worst(results) == checks.Problem {
		return ErrFound
	}
	return err
}

// WriteLines writes lines. They must be escaped before.
func WriteLines(w io.Writer, lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// WriteUnread has a person know what was left out.
func WriteUnread(w io.Writer, unread []snapshot.Unread) error {
	var lines []string
	for _, sentence := range snapshot.Sentences(unread) {
		lines = append(lines, show.Escape(sentence))
	}
	return WriteLines(w, lines)
}
