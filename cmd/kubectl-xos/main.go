// Command kubectl-xos is a plugin of kubectl: "kubectl xos". It can be called as xos, too.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/events"
)

// The exit codes are diff's and "kubectl diff"'s.
const (
	exitDiffers = 1
	exitFailed  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newCommand(os.Args[0]).ExecuteContext(ctx)
	stop()
	switch {
	case errors.Is(err, events.ErrDiffers):
		os.Exit(exitDiffers)
	case err != nil:
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(exitFailed)
	}
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
	cmd.AddCommand(events.NewCommand())
	return cmd
}
