// Command kubectl-xos is a plugin of kubectl: "kubectl xos". It can be called as xos, too.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/doctor"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/events"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/graph"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/status"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/tree"
)

// The exit codes are diff's and "kubectl diff"'s.
const (
	exitFound  = 1
	exitFailed = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newCommand(os.Args[0]).ExecuteContext(ctx)
	stop()
	os.Exit(exit(os.Stderr, err))
}

// exit returns the exit code of an error, which it prints unless its command has done so.
func exit(errOut io.Writer, err error) int {
	switch {
	case errors.Is(err, cli.ErrFound):
		return exitFound
	case err != nil:
		fmt.Fprintln(errOut, "error:", escapeLines(err.Error()))
		return exitFailed
	}
	return 0
}

// escapeLines escapes a text, which may hold words of others, but for its line ends: several
// errors at once have a line each.
func escapeLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = show.Escape(lines[i])
	}
	return strings.Join(lines, "\n")
}

// newCommand returns the command as a user calls it by this path.
func newCommand(path string) *cobra.Command {
	called := strings.TrimSuffix(filepath.Base(path), ".exe")
	if plugin, ok := strings.CutPrefix(called, "kubectl-"); ok {
		called = "kubectl " + plugin
	}
	cmd := &cobra.Command{
		Use:           "xos",
		Short:         "Work with the XOS Kubernetes Service",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: called},
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(
		doctor.NewCommand(),
		events.NewCommand(),
		graph.NewCommand(),
		status.NewCommand(),
		tree.NewCommand(),
	)
	return cmd
}
