package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/pflag"

	"xos.opencord.org/kubernetes-service/hack/localplane/internal/launch"
)

// up runs a plane until it is interrupted. It exits with 0 when it was stopped
// by SIGINT or SIGTERM, with 1 when something failed and with 2 for wrong flags.
var up command = func() int {
	options, err := parse(os.Args[1:])
	if errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "localplane up: %v\n", err)
		return 2
	}
	// The reader of the progress may end first; that is no reason to leave
	// components behind.
	signal.Ignore(syscall.SIGPIPE)
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	// Under nohup the end of the terminal is not the plane's.
	if !signal.Ignored(syscall.SIGHUP) {
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	// A second Ctrl-C while things are being stopped kills at once. A second
	// SIGTERM does not: a parent that dies with all its threads may send several.
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) })
	if err := launch.Run(ctx, options); err != nil {
		fmt.Fprintf(os.Stderr, "localplane up: %v\n", err)
		return 1
	}
	return 0
}

func parse(args []string) (launch.Options, error) {
	self, err := os.Executable()
	if err != nil {
		return launch.Options{}, fmt.Errorf("find this program: %w", err)
	}
	o := launch.Options{Self: self, Progress: os.Stdout}
	flags := pflag.NewFlagSet("localplane up", pflag.ContinueOnError)
	flags.StringVar(&o.Dir, "dir", "", "the plane's directory; made if need be, refused if it holds anything but an earlier plane")
	flags.IntVar(&o.Nodes, "nodes", 1, "number of nodes, each with kwok for its kubelet")
	flags.BoolVar(&o.Kafka, "kafka", false, "run an in-process Kafka broker too")
	flags.StringVar(&o.AuditLog, "audit-log", "", "file that gets one line of JSON a request")
	flags.StringArrayVar(&o.APIServerFlags, "apiserver-flag", nil, "name=value, handed to kube-apiserver; may be repeated")
	flags.BoolVar(&o.KeepData, "keep-data", false, "keep data, certificates and ports in the directory from one run to the next")
	flags.StringVar(&o.Kwok, "kwok", filepath.Join(filepath.Dir(self), "kwok"), "the kwok program")
	flags.StringVar(&o.Assets, "assets", os.Getenv("KUBEBUILDER_ASSETS"), "directory whose etcd, kube-apiserver, kube-controller-manager and kube-scheduler are used where they are there")
	flags.DurationVar(&o.StartTimeout, "timeout", launch.DefaultStartTimeout, "give up when the plane is not up after this long")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, nil
}
