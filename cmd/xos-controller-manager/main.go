// Command xos-controller-manager runs the controllers of the XOS Kubernetes Service: it
// materializes custom resources as native objects, inventories the pods that others created, and
// publishes the lifecycle of both to Kafka.
//
// This package holds flags, signals, the leader election and the endpoints. Package manager runs
// the controllers.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
	"k8s.io/component-base/logs"
	_ "k8s.io/component-base/logs/json/register" // --logging-format=json
)

// collectAt is how much the heap may grow between two garbage collections, in percent. Most of it
// is caches, which change only with the cluster's size: half of Go's default saves a quarter of
// the memory for a few percent of processor time. $GOGC overrides it.
const collectAt = 50

// version is set by the linker where hack/image builds.
var version = "unversioned"

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer logs.FlushLogs()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		logs.FlushLogs()
		fmt.Fprintln(os.Stderr, "xos-controller-manager:", err)
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	o := defaultOptions()
	cmd := &cobra.Command{
		Use:   "xos-controller-manager",
		Short: "Run the controllers of the XOS Kubernetes Service",
		Long: `Runs the controllers of the XOS Kubernetes Service.

It makes the cluster be as the custom resources of xos.opencord.org/v1 say,
inventories the pods that another client made, and sends Kafka events when pods
come and go. The custom resource definitions must have been installed
(kubectl apply -f crds/). It runs in a pod, or anywhere with a kubeconfig.

Some commands do one thing and end; "xos-controller-manager COMMAND --help" tells
more. "check" checks that a manager leads. Of an uninstall, "delete" deletes all
custom resources while the manager runs, "stop" ends the manager, and "release"
then frees custom resources of its finalizers.`,
		Example: `  # against the cluster of the current kubeconfig, with two Kafka brokers
  xos-controller-manager --kubeconfig ~/.kube/config --kafka-brokers kafka-0:9092,kafka-1:9092

  # to see events without Kafka
  xos-controller-manager --event-log`,
		Version:       version,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o) },
	}
	o.addFlags(cmd)
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.AddCommand(newCheckCommand(), newDeleteCommand(), newStopCommand(), newReleaseCommand())
	return cmd
}
