package cluster

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Flags choose a cluster, and who asks it, as kubectl's flags of these names do.
type Flags struct {
	Kubeconfig, Context string
	As                  string
	AsGroups            []string
	// RequestTimeout is a duration or a number of seconds; clientcmd reads it.
	RequestTimeout string
	// Namespace and AllNamespaces are those of AddNamespace.
	Namespace     string
	AllNamespaces bool
}

// Add adds the flags, without those of AddNamespace.
func (f *Flags) Add(fs *pflag.FlagSet) {
	fs.StringVar(&f.Kubeconfig, "kubeconfig", "", "Path of a kubeconfig. Left out, $KUBECONFIG counts, then ~/.kube/config.")
	fs.StringVar(&f.Context, "context", "", "Context of the kubeconfig. Left out, the current one.")
	fs.StringVar(&f.As, "as", "", "User to impersonate.")
	fs.StringArrayVar(&f.AsGroups, "as-group", nil, "Group to impersonate; can be given several times.")
	fs.StringVar(&f.RequestTimeout, "request-timeout", "0", "How long a request may take, such as 30s. 0 sets no limit.")
}

// AddNamespace adds the flags that choose a namespace.
func (f *Flags) AddNamespace(fs *pflag.FlagSet) {
	fs.StringVarP(&f.Namespace, "namespace", "n", "", "Namespace. Left out, that of the context, or default.")
	fs.BoolVarP(&f.AllNamespaces, "all-namespaces", "A", false, "All namespaces.")
}

func (f *Flags) loader() clientcmd.ClientConfig {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.Kubeconfig
	overrides := &clientcmd.ConfigOverrides{CurrentContext: f.Context, Timeout: f.RequestTimeout}
	overrides.AuthInfo.Impersonate, overrides.AuthInfo.ImpersonateGroups = f.As, f.AsGroups
	overrides.Context.Namespace = f.Namespace
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides)
}

// Config returns the configuration of the cluster's clients.
func (f *Flags) Config() (*rest.Config, error) {
	config, err := f.loader().ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig (--kubeconfig, --context): %w", err)
	}
	// Objects are listed in many pages, one after the other: the server's own fairness
	// bounds that better than a client's guess.
	config.QPS = -1
	return config, nil
}

// namespace returns the namespace that is chosen: empty for all.
func (f *Flags) namespace() (string, error) {
	if f.AllNamespaces {
		return "", nil
	}
	namespace, _, err := f.loader().Namespace()
	if err != nil {
		return "", fmt.Errorf("read the namespace of the kubeconfig (-n, --context): %w", err)
	}
	return namespace, nil
}

// Contexts returns the names of the kubeconfig's contexts, for completion.
func (f *Flags) Contexts() ([]string, error) {
	config, err := f.loader().RawConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig (--kubeconfig): %w", err)
	}
	return slices.Sorted(maps.Keys(config.Contexts)), nil
}
