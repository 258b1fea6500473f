// Localplane is a whole Kubernetes control plane in one program, for tests and
// demonstrations on one machine. Each component is a subcommand that hands over
// to the real one; "up" starts this same program once for each of them and
// holds them together.
//
// Only hand-overs and the reading of "up"'s flags may live in this package: it
// alone is linked with Kubernetes' servers, which takes minutes.
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"
)

// command runs a subcommand with os.Args as if it were a program of its own,
// and returns the exit code.
type command func() int

// commands leaves out components that this program was built without (see
// external.go): those are nil.
func commands() map[string]command {
	all := map[string]command{
		"up":                      up,
		"etcd":                    etcd,
		"kube-apiserver":          kubeAPIServer,
		"kube-controller-manager": kubeControllerManager,
		"kube-scheduler":          kubeScheduler,
		"kubectl":                 kubectl,
	}
	for name, run := range all {
		if run == nil {
			delete(all, name)
		}
	}
	return all
}

func main() {
	all := commands()
	if len(os.Args) > 1 {
		if run, known := all[os.Args[1]]; known {
			os.Args = os.Args[1:]
			os.Exit(run())
		}
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Fprintf(os.Stderr, "usage: localplane <%s> [flags]\n", strings.Join(names, "|"))
	os.Exit(2)
}
