// Package graph is the command that shows objects and what relates them as a drawing.
package graph

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/relations"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// The forms of the output.
const (
	dot     = "dot"
	mermaid = "mermaid"
	svg     = "svg"
)

// options are the command's flags.
type options struct {
	cluster   cluster.Flags
	output    cli.Output
	selectors []snapshot.Selector
}

// NewCommand returns the command.
func NewCommand() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "graph [KIND/NAME]...",
		Short: "Draw objects and what relates them, for Graphviz, Mermaid or as SVG",
		Long: `Draws objects of xos.opencord.org, their native objects and what relates them. An arrow
leads from an object to those that name it and to its native objects, so from a service to
its slices, their instances and pods. Native objects have a dashed border. What is named
and does not exist is shown as Missing.

With arguments, it draws these objects, what follows from them by arrows, and all that
leads there. It writes nothing but the drawing.`,
		Example: `  # a namespace, as a picture for a browser
  kubectl xos graph -n acme -o svg > acme.svg

  # a slice and all that it consists of, for a page in Markdown
  kubectl xos graph slice/web -n acme -o mermaid`,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.selectors, err = cli.ParseSelectors(args, snapshot.KindNames()...); err != nil {
				return err
			}
			c, err := o.cluster.Connect()
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), c, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cli.AddCluster(cmd, &o.cluster)
	o.output.Add(cmd, dot, mermaid, svg)
	cmd.ValidArgsFunction = cli.CompleteObjects(&o.cluster, snapshot.KindNames()...)
	return cmd
}

func (o *options) run(ctx context.Context, c *cluster.Connection, out, errOut io.Writer) error {
	s, err := cluster.ReadWithPods(ctx, c, c.Namespace, cluster.Model()...)
	if err != nil {
		return err
	}
	g, unmatched := relations.Build(s, c.Namespace).Select(o.selectors)
	if err := cli.WriteUnread(errOut, s.Unread); err != nil {
		return err
	}
	if err := cli.NotFound(unmatched, c.Namespace); err != nil {
		return err
	}
	text := g.DOT()
	switch o.output.String() {
	case mermaid:
		text = g.Mermaid()
	case svg:
		text = g.SVG()
	}
	_, err = io.WriteString(out, text)
	return err
}
