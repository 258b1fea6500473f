// Package launch runs a local control plane in a directory: it lays the
// directory out, decides each component's command line, starts the components in
// order, waits until they answer and stops them again. Processes, certificates
// and ports are other packages' subjects.
package launch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// DefaultStartTimeout bounds a start. A plane is up in some ten seconds on two
// free cores; machines of a busy CI take several times that.
const DefaultStartTimeout = 3 * time.Minute

// Options say what plane to run.
type Options struct {
	// Dir is the plane's directory. It is made if need be; one that holds
	// anything else than an earlier plane is refused.
	Dir string
	// Nodes is how many nodes there are, each with kwok for its kubelet. With
	// none, pods stay Pending.
	Nodes int
	// Kafka is whether an in-process Kafka broker runs beside the plane.
	Kafka bool
	// AuditLog is the file that gets one line of JSON for each request; empty
	// for none.
	AuditLog string
	// APIServerFlags are handed to the API server after the plane's own, as
	// "name=value"; the last of two of a name counts.
	APIServerFlags []string
	// KeepData keeps what etcd and Kafka hold from one run to the next in Dir,
	// and with it certificates and ports. Otherwise a start finds nothing and a
	// stop leaves nothing but logs.
	KeepData bool
	// Self is the program that holds the components as subcommands.
	Self string
	// Kwok is the kwok program.
	Kwok string
	// Assets is a directory of control plane binaries to be taken instead of
	// Self's subcommands where they are there (KUBEBUILDER_ASSETS); may be empty.
	Assets string
	// StartTimeout bounds the start; 0 for DefaultStartTimeout.
	StartTimeout time.Duration
	// Progress gets a line for each step.
	Progress io.Writer
}

// complete returns the options with absolute paths and defaults, or what is
// wrong with them.
func (o Options) complete() (Options, error) {
	if o.Dir == "" {
		return o, errors.New("no directory is given for the plane")
	}
	if o.Nodes < 0 {
		return o, fmt.Errorf("%d nodes can't be", o.Nodes)
	}
	for _, flag := range o.APIServerFlags {
		if name, _, found := strings.Cut(flag, "="); !found || strings.TrimLeft(name, "-") == "" {
			return o, fmt.Errorf("API server flag %q is not of the form name=value", flag)
		}
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = DefaultStartTimeout
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	for _, path := range []*string{&o.Dir, &o.AuditLog, &o.Kwok, &o.Assets} {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return o, fmt.Errorf("make %s absolute: %w", *path, err)
		}
		*path = absolute
	}
	if o.Nodes > 0 {
		if _, err := os.Stat(o.Kwok); err != nil {
			return o, fmt.Errorf("find kwok, which plays the nodes: %w", err)
		}
	}
	if o.Assets != "" {
		if _, err := os.Stat(o.Assets); err != nil {
			return o, fmt.Errorf("find the directory of control plane programs: %w", err)
		}
	}
	return o, nil
}
