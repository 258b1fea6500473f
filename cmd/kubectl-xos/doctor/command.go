// Package doctor is the command that checks an installation.
package doctor

import (
	"context"
	"errors"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"xos.opencord.org/kubernetes-service/cmd/internal/kafkaflags"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/checks"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// options are the command's flags.
type options struct {
	cluster          cluster.Flags
	output           cli.Output
	colour           cli.Colour
	managerNamespace string
	brokers          []string
	settings         kafka.Settings
	topic            string
}

// document is the output as programs read it.
type document struct {
	Result checks.Level    `json:"result"`
	Items  []checks.Result `json:"items"`
}

// NewCommand returns the command.
func NewCommand() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the installation, and say what to do",
		Long: `Checks what the XOS Kubernetes Service needs: the cluster's version, the definitions of
its kinds, the manager and the fence around it, the way of events to Kafka, your own
rights, and deletions that do not end. With --brokers it looks for the inventory in
Kafka, too. Each check is ok, a warning or a problem, with what to do.

It exits with 1 where there is a problem, and with 2 where the cluster can't be reached.
What you may not read is a warning. It writes nothing.`,
		Example: `  # the whole installation, as an administrator
  kubectl xos doctor

  # what a tenant can see of it
  kubectl xos doctor -n acme --as jane

  # Kafka too
  kubectl xos doctor --brokers kafka-0:9092`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		SilenceUsage:      true,
		SilenceErrors:     true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.brokers = kafkaflags.BrokersOr(o.brokers)
			if err := errors.Join(kafkaflags.ValidateBrokers("--brokers", o.brokers), o.settings.Validate()); err != nil {
				return err
			}
			// Without a namespace, the whole cluster is meant.
			o.cluster.AllNamespaces = o.cluster.Namespace == ""
			c, err := o.cluster.Connect()
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), c, cmd.OutOrStdout())
		},
	}
	o.addFlags(cmd)
	return cmd
}

func (o *options) addFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	cli.AddCluster(cmd, &o.cluster)
	fs.Lookup("namespace").Usage = "Check your rights and objects in this namespace alone. Left out, in all."
	o.output.Add(cmd)
	o.colour.Add(cmd)
	fs.StringVar(&o.managerNamespace, "manager-namespace", "xos-system", "Namespace of the manager.")
	fs.StringSliceVar(&o.brokers, "brokers", nil, "Kafka brokers, as host:port[,host:port]. Left out, $"+kafkaflags.BrokersVariable+" counts; without both, Kafka is not asked.")
	kafkaflags.AddSettings(fs, &o.settings)
	fs.StringVar(&o.topic, "inventory-topic", kafka.DefaultInventoryTopic, "Name of the topic of the inventory, the manager's --kafka-inventory-topic.")
	for _, flag := range []string{"manager-namespace", "brokers", "inventory-topic", "kafka-tls-server-name"} {
		cli.Complete(cmd, flag, cobra.NoFileCompletions)
	}
	cli.Complete(cmd, "kafka-sasl-mechanism", cobra.FixedCompletions(kafka.Mechanisms(), cobra.ShellCompDirectiveNoFileComp))
}

func (o *options) run(ctx context.Context, c *cluster.Connection, out io.Writer) error {
	facts, err := o.facts(ctx, c)
	if err != nil {
		return err
	}
	results := checks.Run(*facts)
	return cli.WriteResults(out, &o.output, &o.colour, document{checks.Worst(results), results}, results)
}

// pluginVersion returns the version of this program; empty where it is built of a checkout.
func pluginVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "(devel)" && !strings.HasPrefix(info.Main.Version, "v0.0.0-") {
		return info.Main.Version
	}
	return ""
}
