package main

import (
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/cli/globalflag"
	"k8s.io/component-base/logs"
	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/component-base/term"

	"xos.opencord.org/kubernetes-service/cmd/internal/kafkaflags"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// options are the command's flags.
type options struct {
	kubeconfig string
	workers    int

	leaderElect          bool
	leaderElectNamespace string

	healthAddress  string
	metricsAddress string
	// metricsSecure serves the metrics over TLS, to whom the API server allows it.
	metricsSecure                   bool
	metricsCertFile, metricsKeyFile string
	profiling                       bool

	kafkaBrokers  []string
	kafkaSettings kafka.Settings
	kafkaTopics   kafka.TopicOptions
	transactions  string
	eventLog      bool
	// maxPendingEvents bounds what is kept in the API server.
	maxPendingEvents int

	logging *logsapi.LoggingConfiguration
}

func defaultOptions() *options {
	return &options{
		workers:              reconciler.DefaultWorkers,
		leaderElect:          true,
		leaderElectNamespace: "",
		healthAddress:        ":8081",
		metricsAddress:       "127.0.0.1:8080",
		kafkaTopics:          kafka.TopicOptions{PodTopic: kafka.DefaultTopic, InventoryTopic: kafka.DefaultInventoryTopic},
		transactions:         string(kafka.TransactionsAuto),
		maxPendingEvents:     delivery.DefaultMaxStored,
		logging:              logsapi.NewLoggingConfiguration(),
	}
}

// addFlags adds the command's flags, grouped for --help.
func (o *options) addFlags(cmd *cobra.Command) {
	var sets cliflag.NamedFlagSets
	fs := sets.FlagSet("cluster")
	o.addKubeconfigFlag(fs)
	fs.IntVar(&o.workers, "workers", o.workers, "How many objects of each kind in one namespace are worked on at once; in all namespaces twice as many.")

	fs = sets.FlagSet("leader election")
	fs.BoolVar(&o.leaderElect, "leader-elect", o.leaderElect, "Work only while holding a Lease, so that several replicas may run. Turn it off for a single process.")
	o.addLeaseFlag(fs)

	fs = sets.FlagSet("endpoints")
	fs.StringVar(&o.healthAddress, "health-probe-bind-address", o.healthAddress, "Address of /healthz and /readyz; 0 turns them off.")
	fs.StringVar(&o.metricsAddress, "metrics-bind-address", o.metricsAddress, "Address of /metrics; 0 turns it off.")
	fs.BoolVar(&o.metricsSecure, "metrics-secure", false, "Serve the metrics over TLS, to bearers of a token whose user may get the path, as RBAC's nonResourceURLs allow it. Left out, in plain text to everybody who reaches the address.")
	fs.StringVar(&o.metricsCertFile, "metrics-tls-cert-file", "", "File (PEM) of the certificate for --metrics-secure, reread when it changes. Left out, one that is signed by itself.")
	fs.StringVar(&o.metricsKeyFile, "metrics-tls-key-file", "", "File (PEM) of that certificate's key.")
	fs.BoolVar(&o.profiling, "profiling", false, "Serve Go's profiles under /debug/pprof/ at the address of the metrics.")

	fs = sets.FlagSet("events")
	fs.StringSliceVar(&o.kafkaBrokers, "kafka-brokers", nil, "Kafka brokers, as host:port[,host:port]. Left out, events go nowhere.")
	o.addTopicFlags(fs)
	kafkaflags.AddSettings(fs, &o.kafkaSettings)
	fs.IntVar(&o.maxPendingEvents, "max-pending-events", o.maxPendingEvents, "How many ends of pods that Kafka was never told of are kept while it is away, in their records or as ConfigMaps. Of more, the oldest of the namespaces with most are lost.")
	fs.BoolVar(&o.eventLog, "event-log", false, "Print each event to standard output, as a line of JSON.")

	logsapi.AddFlags(o.logging, sets.FlagSet("logs"))
	globalflag.AddGlobalFlags(sets.FlagSet("global"), cmd.Name(), logs.SkipLoggingConfigurationFlags())
	sets.FlagSet("global").Bool("version", false, "Print the version and exit.")
	for _, set := range sets.FlagSets {
		cmd.Flags().AddFlagSet(set)
	}
	columns, _, _ := term.TerminalSize(cmd.OutOrStdout())
	cliflag.SetUsageAndHelpFunc(cmd, sets, columns)
}

func (o *options) addKubeconfigFlag(fs *pflag.FlagSet) {
	fs.StringVar(&o.kubeconfig, "kubeconfig", o.kubeconfig, "Path of a kubeconfig. Left out, $KUBECONFIG counts, then the service account of the pod.")
}

func (o *options) addLeaseFlag(fs *pflag.FlagSet) {
	fs.StringVar(&o.leaderElectNamespace, "leader-elect-namespace", o.leaderElectNamespace, "Namespace of the Lease. Left out, that of the pod, or xos-system.")
}

func (o *options) addTopicFlags(fs *pflag.FlagSet) {
	topics := &o.kafkaTopics
	fs.StringVar(&topics.PodTopic, "kafka-topic", topics.PodTopic, "Topic of the pod events.")
	fs.StringVar(&topics.InventoryTopic, "kafka-inventory-topic", topics.InventoryTopic, "Compacted topic of all that is in the inventory.")
	fs.StringVar(&topics.VitrageTopic, "vitrage-topic", "", "Topic of nodes in the form of OpenStack Vitrage's datasource events. Left out, there is none.")
	fs.BoolVar(&topics.CreateTopics, "kafka-create-topics", false, "Create the topics that are missing. Left out, a missing topic is an error.")
	fs.Int32Var(&topics.Partitions, "kafka-partitions", 0, "How many partitions a topic has that is created; 0 for the brokers' default.")
	fs.Int16Var(&topics.Replicas, "kafka-replicas", 0, "How many replicas a topic has that is created; 0 for the brokers' default.")
	fs.StringVar(&o.transactions, "kafka-transactions", o.transactions, "Publish in transactions: auto, on or off. With auto, where Kafka refuses them, and with off an event may be published twice.")
}

// validate returns all errors of the flags at once.
func (o *options) validate() error {
	var errs []error
	if o.workers < 1 {
		errs = append(errs, fmt.Errorf("--workers is %d: it must be at least 1", o.workers))
	}
	if o.maxPendingEvents < 1 {
		errs = append(errs, fmt.Errorf("--max-pending-events is %d: it must be at least 1", o.maxPendingEvents))
	}
	switch {
	case (o.metricsCertFile == "") != (o.metricsKeyFile == ""):
		errs = append(errs, errors.New("--metrics-tls-cert-file and --metrics-tls-key-file go together: set both or none"))
	case o.metricsCertFile != "" && !o.metricsSecure:
		errs = append(errs, errors.New("--metrics-tls-cert-file has no effect without --metrics-secure"))
	}
	errs = append(errs, kafkaflags.ValidateBrokers("--kafka-brokers", o.kafkaBrokers), o.kafkaSettings.Validate(), o.kafkaTopics.Validate(),
		kafka.Transactions(o.transactions).Validate())
	for _, e := range []struct{ flag, address string }{
		{"--health-probe-bind-address", o.healthAddress}, {"--metrics-bind-address", o.metricsAddress},
	} {
		if e.address == "0" || e.address == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(e.address); err != nil {
			errs = append(errs, fmt.Errorf("%s: %q is not [host]:port", e.flag, e.address))
		}
	}
	return errors.Join(errs...)
}

// restConfig returns the configuration of the cluster's clients.
func (o *options) restConfig() (*rest.Config, error) {
	if o.kubeconfig == "" && os.Getenv(clientcmd.RecommendedConfigPathEnvVar) == "" {
		config, err := rest.InClusterConfig()
		if errors.Is(err, rest.ErrNotInCluster) {
			return nil, errors.New("there is no cluster: pass --kubeconfig, set KUBECONFIG, or run in a pod")
		}
		return config, err
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	return config, nil
}

// leaseNamespace returns the namespace of the leader's Lease.
func (o *options) leaseNamespace() string {
	if o.leaderElectNamespace != "" {
		return o.leaderElectNamespace
	}
	if own, err := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace"); err == nil && len(own) > 0 {
		return string(own)
	}
	return "xos-system"
}
