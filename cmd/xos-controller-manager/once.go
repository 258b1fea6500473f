package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/klog/v2"
)

// once completes a command that does one thing within a time and ends.
func (o *options) once(cmd *cobra.Command, timeout *time.Duration, do func(context.Context, *rest.Config) error) *cobra.Command {
	cmd.Args, cmd.SilenceUsage, cmd.SilenceErrors = cobra.NoArgs, true, true
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := o.restConfig()
		if err != nil {
			return err
		}
		rest.AddUserAgent(config, "xos-controller-manager-"+cmd.Name())
		ctx, cancel := context.WithTimeout(klog.NewContext(cmd.Context(), klog.Background()), *timeout)
		defer cancel()
		return do(ctx, config)
	}
	o.addKubeconfigFlag(cmd.Flags())
	cmd.Flags().DurationVar(timeout, "timeout", *timeout, "How long it may take.")
	// Without it, the manager's flags would be shown.
	var sets cliflag.NamedFlagSets
	sets.FlagSets, sets.Order = map[string]*pflag.FlagSet{cmd.Name(): cmd.Flags()}, []string{cmd.Name()}
	cliflag.SetUsageAndHelpFunc(cmd, sets, 0)
	return cmd
}
