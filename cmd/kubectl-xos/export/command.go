// Package export is the command that writes an archive of a trust domain's objects.
package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/bundle"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// stdout stands for the standard output.
const stdout = "-"

// options are the command's flags.
type options struct {
	cluster cluster.Flags
	bundle.Options
	file string
}

// NewCommand returns the command.
func NewCommand() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "export TRUSTDOMAIN... -o FILE.tar.gz",
		Short: "Write an archive by which a trust domain's objects are made again elsewhere",
		Long: `Writes manifests of trust domains and of all objects that belong to them, numbered in
the order in which they are applied, with a program apply.sh and a README.txt. What
belongs to the cluster is left out: status, UIDs, finalizers, tracking annotations,
and the records of the inventory.

Values of secrets are in it with --secrets alone. Otherwise KubernetesSecrets with
values, and KubernetesResourceInstances that declare Secrets, are left out, and listed
as what has to be supplied. Other fields, such as env, are written as they are.

The same objects make the same bytes. It writes nothing to the cluster.`,
		Example: `  kubectl xos export acme -o acme.tar.gz

  # the objects of one namespace only, into git
  kubectl xos export acme -n acme-team -o - | tar -xz`,
		Args:          cobra.MinimumNArgs(1),
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			selectors, err := cli.ParseSelectors(args, "TrustDomain")
			if err != nil {
				return err
			}
			for _, s := range selectors {
				o.Domains = append(o.Domains, s.Name)
			}
			c, err := o.cluster.Connect()
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), c, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cli.AddConnection(cmd, &o.cluster)
	cmd.Flags().StringArrayVarP(&o.Namespaces, "namespace", "n", nil, "Namespace of the objects; can be given several times. Left out, all.")
	cli.Complete(cmd, "namespace", cli.CompleteNamespaces(&o.cluster))
	cmd.Flags().StringVarP(&o.file, "output", "o", "", "File to write; - is the standard output. It must be given.")
	cmd.Flags().BoolVar(&o.Secrets, "secrets", false, "Write values of secrets, too.")
	if err := cmd.MarkFlagRequired("output"); err != nil {
		panic(err) // there is no such flag
	}
	cmd.ValidArgsFunction = cli.CompleteObjects(&o.cluster, "TrustDomain")
	return cmd
}

func (o *options) run(ctx context.Context, c *cluster.Connection, out, errOut io.Writer) error {
	if o.file == stdout && cli.IsTerminal(out) {
		return errors.New("--output: an archive is nothing for a terminal: name a file")
	}
	s, err := o.read(ctx, c)
	if err != nil {
		return err
	}
	b, err := bundle.Make(s, o.Options)
	if err != nil {
		return err
	}
	if o.file == stdout {
		err = b.Write(out)
	} else {
		err = write(o.file, b)
	}
	if err != nil {
		return err
	}
	lines := []string{fmt.Sprintf("%d objects were exported.", b.Objects)}
	for _, line := range b.Supply {
		lines = append(lines, "to be supplied: "+show.Escape(line))
	}
	for _, line := range b.Notes {
		lines = append(lines, "note: "+show.Escape(line))
	}
	return cli.WriteLines(errOut, lines)
}

// read reads all kinds. A part that can't be read would be missing in the archive.
func (o *options) read(ctx context.Context, c *cluster.Connection) (*snapshot.Snapshot, error) {
	whole := &snapshot.Snapshot{}
	model := cluster.Model(bundle.Kinds()...)
	namespaces := slices.Compact(slices.Sorted(slices.Values(o.Namespaces)))
	if len(namespaces) == 0 {
		namespaces = []string{""}
	}
	for i, namespace := range namespaces {
		resources := slices.DeleteFunc(slices.Clone(model), func(r cluster.Resource) bool { return i > 0 && !r.Namespaced })
		part, err := c.Read(ctx, namespace, resources...)
		if err != nil {
			return nil, err
		}
		whole.Add(part)
	}
	if bundle.NeedsNamespaces(whole, o.Options) {
		part, err := c.Read(ctx, "", cluster.Namespaces)
		if err != nil {
			return nil, err
		}
		whole.Add(part)
	}
	if len(whole.Unread) > 0 {
		return nil, fmt.Errorf("nothing was written, since the archive would not be whole: %s", strings.Join(snapshot.Sentences(whole.Unread), "; "))
	}
	return whole, nil
}

// write writes a file that only its owner may read, and replaces one of that name once it is whole.
func write(path string, b *bundle.Bundle) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".xos-export-*")
	if err != nil {
		return err // it names the file
	}
	err = errors.Join(b.Write(file), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
