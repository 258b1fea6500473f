// Package events is the command that shows the events of Kafka, and audits them.
package events

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"xos.opencord.org/kubernetes-service/cmd/internal/kafkaflags"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// The values of --topic.
const (
	inventory = "inventory"
	details   = "details"
)

// options are the command's flags.
type options struct {
	cluster  cluster.Flags
	brokers  []string
	settings kafka.Settings
	topics   kafka.TopicOptions
	topic    string

	follow bool
	since  time.Duration
	filter show.Filter
	output string

	audit bool
	grace time.Duration
}

// NewCommand returns the command.
func NewCommand() *cobra.Command {
	o := &options{
		topics: kafka.TopicOptions{PodTopic: kafka.DefaultTopic, InventoryTopic: kafka.DefaultInventoryTopic},
		topic:  inventory, output: "table", grace: 5 * time.Second,
	}
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Show the events of the inventory in Kafka, or audit them",
		Long: `Shows the events that the XOS Kubernetes Service has committed to Kafka: what became of
pods, slices, trust domains, principals, images and nodes. It reads to the end of the
topic and stops, or goes on with --follow. Within one key, events are in order.

With --audit it compares the inventory in Kafka with the cluster, and the snapshots in
it with its events. It exits with 1 where they disagree, and with 2 where it can't tell.`,
		Example: `  # what became of the pods of a namespace in the last hour, and what becomes of them
  kubectl xos events --brokers kafka-0:9092 -n shop --kind kubernetesserviceinstance --since 1h -f

  # all of a slice, for programs
  kubectl xos events --brokers kafka-0:9092 --slice shop/web -o json

  # whether Kafka was told all that the cluster shows
  kubectl xos events --brokers kafka-0:9092 --audit`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		SilenceUsage:      true,
		SilenceErrors:     true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.brokers = kafkaflags.BrokersOr(o.brokers)
			if err := o.validate(); err != nil {
				return err
			}
			if o.audit {
				return o.runAudit(cmd.Context(), cmd.OutOrStdout())
			}
			return o.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.addFlags(cmd)
	return cmd
}

func (o *options) addFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	cli.AddConnection(cmd, &o.cluster)
	fs.StringSliceVar(&o.brokers, "brokers", nil, "Kafka brokers, as host:port[,host:port]. Left out, $"+kafkaflags.BrokersVariable+" counts.")
	kafkaflags.AddSettings(fs, &o.settings)
	fs.StringVar(&o.topics.PodTopic, "details-topic", o.topics.PodTopic, "Name of the topic of details, the manager's --kafka-topic.")
	fs.StringVar(&o.topics.InventoryTopic, "inventory-topic", o.topics.InventoryTopic, "Name of the topic of the inventory, the manager's --kafka-inventory-topic.")

	fs.StringVar(&o.topic, "topic", o.topic, "Topic to read: "+inventory+" or "+details+".")
	fs.BoolVarP(&o.follow, "follow", "f", false, "Go on with what is published from now on.")
	fs.DurationVar(&o.since, "since", 0, "Begin with the messages of so long ago, such as 10m. Left out, with the first of all.")
	fs.StringVarP(&o.filter.Namespace, "namespace", "n", "", "Only what is in this namespace. Left out, all, and what is in none.")
	fs.StringVar(&o.filter.Slice, "slice", "", "Only this Slice, as name or namespace/name, and what belongs to it.")
	fs.StringSliceVar(&o.filter.Statuses, "status", nil, "Only events of these statuses: "+strings.Join(statuses(), ", ")+".")
	fs.StringSliceVar(&o.filter.Kinds, "kind", nil, "Only events of these kinds: "+strings.Join(kinds(), ", ")+".")
	fs.StringVarP(&o.output, "output", "o", o.output, "Form of the output: "+strings.Join(outputs(), ", ")+".")

	fs.BoolVar(&o.audit, "audit", false, "Compare the inventory in Kafka with the cluster.")
	fs.DurationVar(&o.grace, "grace", o.grace, "With --audit, the time that events have to arrive before a difference counts.")

	for _, flag := range []string{"topic", "details-topic", "follow", "since", "namespace", "slice", "status", "kind", "output"} {
		cmd.MarkFlagsMutuallyExclusive("audit", flag)
	}
	o.addCompletions(cmd)
	fs.SetNormalizeFunc(managersName)
}

// managersName has flags known by the manager's names for them too, by which errors name them.
func managersName(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	switch name {
	case "kafka-brokers":
		name = "brokers"
	case "kafka-topic":
		name = "details-topic"
	case "kafka-inventory-topic":
		name = "inventory-topic"
	}
	return pflag.NormalizedName(name)
}

func statuses() []string { return []string{"created", "updated", "deleted", "current"} }

func outputs() []string { return []string{"table", "json", "yaml"} }

func kinds() []string {
	var names []string
	for _, kind := range event.Kinds {
		names = append(names, string(kind))
	}
	return append(names, show.Snapshot)
}

func (o *options) addCompletions(cmd *cobra.Command) {
	for flag, values := range map[string][]string{
		"topic": {inventory, details}, "status": statuses(), "kind": kinds(), "output": outputs(), "kafka-sasl-mechanism": kafka.Mechanisms(),
	} {
		cli.Complete(cmd, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	for _, flag := range []string{"brokers", "details-topic", "inventory-topic", "since", "slice", "grace", "kafka-tls-server-name"} {
		cli.Complete(cmd, flag, cobra.NoFileCompletions)
	}
	cli.Complete(cmd, "namespace", cli.CompleteNamespaces(&o.cluster))
}

func (o *options) reader() (*cluster.Reader, error) {
	config, err := o.cluster.Config()
	if err != nil {
		return nil, err
	}
	return cluster.NewReader(config)
}

// validate returns all errors of the flags at once.
func (o *options) validate() error {
	var errs []error
	if len(o.brokers) == 0 {
		errs = append(errs, errors.New("--brokers is missing: name a Kafka broker by it, or by $"+kafkaflags.BrokersVariable))
	}
	errs = append(errs, kafkaflags.ValidateBrokers("--brokers", o.brokers), o.settings.Validate())
	oneOf := func(flag, value string, of []string) {
		if !slices.Contains(of, value) {
			errs = append(errs, fmt.Errorf("%s: %q is not one of %s", flag, value, strings.Join(of, ", ")))
		}
	}
	oneOf("--topic", o.topic, []string{inventory, details})
	oneOf("--output", o.output, outputs())
	for _, status := range o.filter.Statuses {
		oneOf("--status", status, statuses())
	}
	for _, kind := range o.filter.Kinds {
		oneOf("--kind", kind, kinds())
	}
	if o.topic == details && o.filter.Slice != "" {
		errs = append(errs, errors.New("--slice: the topic of details names no slices: read the inventory, or leave this out"))
	}
	if o.since < 0 || o.grace < 0 {
		errs = append(errs, errors.New("--since and --grace can't be negative"))
	}
	return errors.Join(errs...)
}
