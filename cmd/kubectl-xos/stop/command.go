// Package stop has the commands that stop and start objects.
package stop

import (
	"context"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/change"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/lifecycle"
)

// NewCommand returns the command that stops.
func NewCommand() *cobra.Command {
	return newCommand(lifecycle.Stop, &cobra.Command{
		Use:   "stop KIND/NAME...",
		Short: "Stop slices and services, or suspend objects of other kinds",
		Long: `Sets spec.enabled of slices and services to false: a slice has no pods then, and a
service is not exposed. Their objects, and numbers of pods, are kept.

Of other kinds with native objects, it sets spec.suspend to true: what exists natively
stays as it is, and is neither repaired nor changed until it is started again.

Where GitOps or another client applies the object again and again with that field, it
has to be changed there.`,
		Example: `  # no pods of a slice, until it is started again
  kubectl xos stop slice/web -n acme --wait

  # no reconciling of what was applied as a blob, for a repair by hand
  kubectl xos stop kri/extras -n acme`,
	})
}

// NewStartCommand returns the command that starts.
func NewStartCommand() *cobra.Command {
	return newCommand(lifecycle.Start, &cobra.Command{
		Use:   "start KIND/NAME...",
		Short: "Start what was stopped, or resume what was suspended",
		Long: `Sets spec.enabled of slices and services to true, and takes spec.suspend off, so that
the object is reconciled.`,
		Example: `  # the pods of a slice, and wait until they are ready
  kubectl xos start slice/web -n acme --wait --timeout 5m`,
	})
}

func newCommand(decide func(*unstructured.Unstructured) (lifecycle.Change, error), cmd *cobra.Command) *cobra.Command {
	o := &change.Options{}
	cmd.Args = cobra.MinimumNArgs(1)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		targets, err := change.Parse(args, lifecycle.Stoppable()...)
		if err != nil {
			return err
		}
		c, err := o.Connect(cmd)
		if err != nil {
			return err
		}
		return c.Each(cmd.Context(), targets, func(ctx context.Context, t change.Target) error { return c.Change(ctx, t, decide) })
	}
	o.Add(cmd)
	cmd.ValidArgsFunction = cli.CompleteObjects(&o.Cluster, lifecycle.Stoppable()...)
	return cmd
}
