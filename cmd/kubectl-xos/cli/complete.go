package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// Complete has the values of a flag completed.
func Complete(cmd *cobra.Command, flag string, with cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, with); err != nil {
		panic(err) // there is no such flag
	}
}

// AddConnection adds the flags that choose a cluster, with their completion.
func AddConnection(cmd *cobra.Command, f *cluster.Flags) {
	f.Add(cmd.Flags())
	for _, flag := range []string{"as", "as-group", "request-timeout"} {
		Complete(cmd, flag, cobra.NoFileCompletions)
	}
	Complete(cmd, "context", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return completions(f.Contexts())
	})
}

// AddCluster adds the flags that choose a cluster and a namespace, or all, with their completion.
func AddCluster(cmd *cobra.Command, f *cluster.Flags) {
	AddPlace(cmd, f)
	f.AddAllNamespaces(cmd.Flags())
	cmd.MarkFlagsMutuallyExclusive("namespace", "all-namespaces")
}

// AddPlace adds the flags that choose a cluster and a namespace, with their completion.
func AddPlace(cmd *cobra.Command, f *cluster.Flags) {
	AddConnection(cmd, f)
	f.AddNamespace(cmd.Flags())
	Complete(cmd, "namespace", CompleteNamespaces(f))
}

// CompleteNamespaces completes the names of namespaces.
func CompleteNamespaces(f *cluster.Flags) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		c, err := f.Connect()
		if err != nil {
			return completions(nil, err)
		}
		return completions(c.Namespaces(cmd.Context()))
	}
}

// completions returns values; without them, the error is left to those who debug completion.
func completions(values []string, err error) ([]string, cobra.ShellCompDirective) {
	if err != nil {
		cobra.CompDebugln(err.Error(), false)
	}
	return values, cobra.ShellCompDirectiveNoFileComp
}

// CompleteObjects completes arguments KIND/NAME of kinds of the data model: the kind by its
// short name, and then the names of its objects.
func CompleteObjects(f *cluster.Flags, kinds ...string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		word, _, ok := strings.Cut(toComplete, "/")
		if !ok {
			var words []string
			for _, word := range snapshot.Words(kinds...) {
				words = append(words, word+"/")
			}
			return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		kind, known := snapshot.KindOf(word)
		if !known || !slices.Contains(kinds, kind.Name) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		c, err := f.Connect()
		if err != nil {
			return completions(nil, err)
		}
		s, err := c.Read(cmd.Context(), c.Namespace, cluster.Of(kind))
		if err != nil {
			return completions(nil, err)
		}
		return completions(names(s, word, args), nil)
	}
}

// names returns the objects' names after a word for their kind, without those that are given already.
func names(s *snapshot.Snapshot, word string, given []string) []string {
	var names []string
	for _, o := range s.Objects {
		if name := word + "/" + o.GetName(); !slices.Contains(given, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
