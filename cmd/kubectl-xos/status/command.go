// Package status is the command that shows what is not well, and why.
package status

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/diagnosis"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// options are the command's flags.
type options struct {
	cluster cluster.Flags
	output  cli.Output
	colour  cli.Colour
}

// NewCommand returns the command.
func NewCommand() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show which objects are not well, and why",
		Long: `Shows a sentence for each object of xos.opencord.org that is not well, worst first: what
it lacks, the reason, and where the documentation has more about that. Objects that
are suspended are well, and so are records of what is well.

It exits with 1 where something is not well, and with 2 where it can't tell. It writes
nothing. What tenants can't read is no reason for that: KubernetesSecrets and, of a
namespace, its trust domain.`,
		Example: `  # a namespace, and the trust domain that it belongs to
  kubectl xos status -n acme

  # wait until all is well
  until kubectl xos status -A; do sleep 5; done`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		SilenceUsage:      true,
		SilenceErrors:     true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.cluster.Connect()
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), c, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cli.AddCluster(cmd, &o.cluster)
	o.output.Add(cmd)
	o.colour.Add(cmd)
	return cmd
}

func (o *options) run(ctx context.Context, c *cluster.Connection, out, errOut io.Writer) error {
	// Of a namespace, it is the kinds that are in one, and its trust domain.
	s, err := cluster.ReadModel(ctx, c, c.Namespace, cluster.ModelIn(c.Namespace, "TrustDomain")...)
	if err != nil {
		return err
	}
	d := diagnosis.Of(diagnosis.InNamespace(s, c.Namespace))
	err = o.output.Write(out, d, func(w io.Writer) error {
		return cli.WriteLines(w, d.Lines(o.colour.Palette(w), time.Now()))
	})
	if err != nil {
		return err
	}
	if err := cli.WriteUnread(errOut, s.Unread); err != nil {
		return err
	}
	if len(d.Items) > 0 {
		return cli.ErrFound
	}
	return unknown(s.Unread, c.Namespace)
}

// unknown is the error of what could not be read, where the rest is well. What tenants may not read
// of a namespace of theirs is no reason: KubernetesSecrets, and trust domains.
func unknown(unread []snapshot.Unread, namespace string) error {
	secrets, _ := snapshot.KindOf("KubernetesSecret")
	rest := slices.DeleteFunc(slices.Clone(unread), func(u snapshot.Unread) bool {
		return u.Resource == secrets.Resource() || (namespace != "" && !u.Namespaced)
	})
	if len(rest) == 0 {
		return nil
	}
	return errors.New("it can't be told whether all is well, since objects were left out")
}
