package cli

import (
	"github.com/spf13/cobra"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
)

// Complete has the values of a flag completed.
func Complete(cmd *cobra.Command, flag string, with cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, with); err != nil {
		panic(err) // there is no such flag
	}
}

// AddCluster adds the flags that choose a cluster and a namespace, with their completion.
func AddCluster(cmd *cobra.Command, f *cluster.Flags) {
	f.Add(cmd.Flags())
	f.AddNamespace(cmd.Flags())
	cmd.MarkFlagsMutuallyExclusive("namespace", "all-namespaces")
	for _, flag := range []string{"context", "as", "as-group", "request-timeout"} {
		Complete(cmd, flag, cobra.NoFileCompletions)
	}
	Complete(cmd, "namespace", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		c, err := f.Connect()
		if err != nil {
			cobra.CompDebugln(err.Error(), false)
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names, err := c.Namespaces(cmd.Context())
		if err != nil {
			cobra.CompDebugln(err.Error(), false)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
}
