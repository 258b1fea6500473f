// Package uninstall is the command that says what an uninstall would come to.
package uninstall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/checks"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/doctor"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/removal"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// options are the command's flags.
type options struct {
	cluster          cluster.Flags
	output           cli.Output
	colour           cli.Colour
	check            bool
	managerNamespace string
}

// NewCommand returns the command.
func NewCommand() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "uninstall --check",
		Short: "Say what would not end if the manager or the definitions were removed now",
		Long: `Says what would not end if the manager or the custom resource definitions were removed
now, such as objects with the manager's finalizer where none leads, and what would be
deleted with the custom resources, and kept. It removes nothing: docs/install.md has how
to uninstall.

It exits with 1 where something would not end, and with 2 where it can't tell, as for
a user who may not list all of the kinds in all namespaces.`,
		Example:           `  kubectl xos uninstall --check && helm uninstall xos -n xos-system`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		SilenceUsage:      true,
		SilenceErrors:     true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !o.check {
				return errors.New("this command only checks: add --check; to uninstall, see docs/install.md")
			}
			o.cluster.AllNamespaces = true
			c, err := o.cluster.Connect()
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), c, cmd.OutOrStdout())
		},
	}
	cli.AddConnection(cmd, &o.cluster)
	o.output.Add(cmd)
	o.colour.Add(cmd)
	cmd.Flags().BoolVar(&o.check, "check", false, "Check. It must be given.")
	cmd.Flags().StringVar(&o.managerNamespace, "manager-namespace", "xos-system", "Namespace of the manager.")
	cli.Complete(cmd, "manager-namespace", cli.CompleteNamespaces(&o.cluster))
	return cmd
}

// document is the output for programs.
type document struct {
	Result  checks.Level    `json:"result"`
	Results []checks.Result `json:"results"`
}

func (o *options) run(ctx context.Context, c *cluster.Connection, out io.Writer) error {
	facts, err := o.facts(ctx, c)
	if err != nil {
		return err
	}
	results := removal.Judge(*facts)
	err = cli.WriteResults(out, &o.output, &o.colour, document{checks.Worst(results), results}, results)
	switch {
	case err != nil:
		return err
	case facts.Leads.Unread != "":
		return errors.New("it can't be told: whether a manager leads is not known")
	case facts.Pending.Unread != "":
		return errors.New("it can't be told: whether ends of pods wait for Kafka is not known")
	}
	return nil
}

// facts finds out what is judged. What would make the judgement wrong is an error.
func (o *options) facts(ctx context.Context, c *cluster.Connection) (*removal.Facts, error) {
	s, err := c.Read(ctx, "", append(cluster.Model(), cluster.Namespaces)...)
	if err != nil {
		return nil, err
	}
	if len(s.Unread) > 0 {
		return nil, fmt.Errorf("it can't be told: %s", strings.Join(snapshot.Sentences(s.Unread), "; "))
	}
	f := &removal.Facts{Objects: s, ManagerNamespace: o.managerNamespace}
	f.Leads = leads(ctx, c, o.managerNamespace)
	pending, err := c.Native.CoreV1().ConfigMaps(o.managerNamespace).List(ctx, metav1.ListOptions{LabelSelector: xosv1.PendingEventLabel + "=true"})
	if err != nil {
		f.Pending.Unread = err.Error()
	} else {
		f.Pending.Value = len(pending.Items)
	}
	return f, ctx.Err()
}

// leads returns whether a manager renews the Lease.
func leads(ctx context.Context, c *cluster.Connection, namespace string) checks.Fact[bool] {
	get := func(ctx context.Context) (*coordinationv1.Lease, error) {
		return c.Native.CoordinationV1().Leases(namespace).Get(ctx, xosv1.FieldManager, metav1.GetOptions{})
	}
	lease, err := get(ctx)
	switch {
	case apierrors.IsNotFound(err):
		return checks.Fact[bool]{}
	case err != nil:
		return checks.Fact[bool]{Unread: err.Error()}
	}
	return checks.Fact[bool]{Value: doctor.AwaitRenewal(ctx, lease, get)}
}
