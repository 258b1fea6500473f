// Package tree is the command that shows what belongs to what.
package tree

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/hierarchy"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// options are the command's flags.
type options struct {
	cluster cluster.Flags
	output  cli.Output
	colour  cli.Colour
	watch   bool

	selectors []snapshot.Selector
}

// NewCommand returns the command.
func NewCommand() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "tree [service/NAME|slice/NAME|ksi/NAME]...",
		Short: "Show services, their slices, instances and pods, with the health of each",
		Long: `Shows what belongs to what: services, their slices, the instances of these and their
pods, with the health of each. Slices without a service and instances without a slice
are shown beside the services. A name alone means the uppermost object that has it.

It writes nothing.`,
		Example: `  # all of a namespace
  kubectl xos tree -n acme

  # a slice and its pods, as they change
  kubectl xos tree slice/web -n acme -w

  # all of a cluster, for programs
  kubectl xos tree -A -o json`,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.selectors, err = cli.ParseSelectors(args, hierarchy.Kinds()...); err != nil {
				return err
			}
			c, err := o.cluster.Connect()
			if err != nil {
				return err
			}
			if o.watch {
				return o.follow(cmd.Context(), c, cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			return o.show(cmd.Context(), c, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cli.AddCluster(cmd, &o.cluster)
	o.output.Add(cmd)
	o.colour.Add(cmd)
	cmd.Flags().BoolVarP(&o.watch, "watch", "w", false, "Go on, and show it anew after each change.")
	cmd.ValidArgsFunction = cli.CompleteObjects(&o.cluster, hierarchy.Kinds()...)
	return cmd
}

// read reads what the tree shows.
func read(ctx context.Context, r cluster.Source, namespace string) (*snapshot.Snapshot, error) {
	return cluster.ReadWithPods(ctx, r, namespace, cluster.Model(hierarchy.Kinds()...)...)
}

// show shows the tree once.
func (o *options) show(ctx context.Context, c *cluster.Connection, out, errOut io.Writer) error {
	s, err := read(ctx, c, c.Namespace)
	if err != nil {
		return err
	}
	chosen, unmatched := hierarchy.Select(hierarchy.Build(s), o.selectors)
	err = o.output.Write(out, hierarchy.Document{Items: chosen, Unread: s.Unread}, func(w io.Writer) error {
		if len(chosen) == 0 {
			return nil
		}
		return cli.WriteLines(w, hierarchy.Render(chosen, time.Now()).Lines(o.colour.Palette(w), 0))
	})
	if err != nil {
		return err
	}
	if err := cli.WriteUnread(errOut, s.Unread); err != nil {
		return err
	}
	if err := cli.NotFound(unmatched, c.Namespace); err != nil {
		return err
	}
	if len(chosen) == 0 {
		_, err = fmt.Fprintf(errOut, "No services, slices or instances found %s.\n", cluster.Where(c.Namespace))
	}
	return err
}
