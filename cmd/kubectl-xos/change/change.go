// Package change has what the commands that write have in common: their flags, which object an
// argument names, and a write that is refused where the object is not as it was read.
package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/util/retry"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/lifecycle"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// FieldManager is the field manager of what the commands write.
const FieldManager = "kubectl-xos"

// The values of --dry-run.
const (
	wet    = "none"
	client = "client"
	server = "server"
)

// again is the time between two reads of an object that is waited for.
const again = 500 * time.Millisecond

// Options are the flags of a command that writes.
type Options struct {
	Cluster cluster.Flags
	dryRun  cli.Choice
	wait    bool
	timeout time.Duration
}

// Add adds the flags.
func (o *Options) Add(cmd *cobra.Command) {
	cli.AddPlace(cmd, &o.Cluster)
	cli.AddChoice(cmd, &o.dryRun, "dry-run", "", "Write nothing: client prints what would be written, server has the API server check it", wet, client, server)
	cmd.Flags().BoolVar(&o.wait, "wait", false, "Wait until the manager has reached it.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 2*time.Minute, "How long to wait, with --wait.")
	cli.Complete(cmd, "timeout", cobra.NoFileCompletions)
}

// Dry returns whether nothing is written.
func (o *Options) Dry() bool { return o.dryRun.String() != wet }

// Local returns whether nothing is sent either.
func (o *Options) Local() bool { return o.dryRun.String() == client }

// DryRun is that of a write's options.
func (o *Options) DryRun() []string {
	if o.dryRun.String() == server {
		return []string{metav1.DryRunAll}
	}
	return nil
}

// Suffix marks a line about what was not written, as kubectl does.
func (o *Options) Suffix() string {
	switch o.dryRun.String() {
	case client:
		return " (dry run)"
	case server:
		return " (server dry run)"
	}
	return ""
}

// Target is an object that an argument names.
type Target struct {
	Kind snapshot.Kind
	Name string
}

// String names the object as kubectl does.
func (t Target) String() string {
	return strings.ToLower(t.Kind.Name) + "." + xosv1.GroupName + "/" + t.Name
}

// Parse reads arguments of the form KIND/NAME.
func Parse(args []string, kinds ...string) ([]Target, error) {
	var targets []Target
	var errs []error
	for _, arg := range args {
		word, name, ok := strings.Cut(arg, "/")
		kind, known := snapshot.KindOf(word)
		if !ok || !known || name == "" || strings.Contains(name, "/") || !slices.Contains(kinds, kind.Name) {
			errs = append(errs, fmt.Errorf("%q: write one of %s", arg, snapshot.Forms(kinds...)))
			continue
		}
		targets = append(targets, Target{kind, name})
	}
	return targets, errors.Join(errs...)
}

// Client reads and writes objects in a namespace.
type Client struct {
	*cluster.Connection
	*Options
	Objects     dynamic.Interface
	out, errOut io.Writer
}

// Connect returns the client that the flags choose.
func (o *Options) Connect(cmd *cobra.Command) (*Client, error) {
	c, err := o.Cluster.Connect()
	if err != nil {
		return nil, err
	}
	objects, err := dynamic.NewForConfig(c.Config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return &Client{c, o, objects, cmd.OutOrStdout(), cmd.ErrOrStderr()}, nil
}

func (c *Client) of(t Target) dynamic.ResourceInterface {
	resource := c.Objects.Resource(cluster.Of(t.Kind).GroupVersionResource)
	if t.Kind.Namespaced {
		return resource.Namespace(c.Namespace)
	}
	return resource
}

// Get reads an object.
func (c *Client) Get(ctx context.Context, t Target) (*unstructured.Unstructured, error) {
	o, err := c.of(t).Get(ctx, t.Name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	if o.GetDeletionTimestamp() != nil {
		return nil, errors.New("is being deleted")
	}
	return o, nil
}

// Change changes an object as a function decides for what was read: where another client has
// changed it since, it is read and decided on anew.
func (c *Client) Change(ctx context.Context, t Target, decide func(*unstructured.Unstructured) (lifecycle.Change, error)) error {
	var change lifecycle.Change
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		o, err := c.Get(ctx, t)
		if err != nil {
			return err
		}
		if change, err = decide(o); err != nil {
			return err
		}
		if len(change.Spec) == 0 || c.Local() {
			return nil
		}
		patch, err := json.Marshal(map[string]any{
			"metadata": map[string]any{"uid": o.GetUID(), "resourceVersion": o.GetResourceVersion()}, "spec": maps.Clone(change.Spec),
		})
		if err != nil {
			return fmt.Errorf("encode a patch: %w", err)
		}
		_, err = c.of(t).Patch(ctx, t.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: FieldManager, DryRun: c.DryRun()})
		return err
	})
	if err != nil {
		return err
	}
	done := change.Done
	if len(change.Spec) == 0 {
		done = "unchanged"
	}
	return c.Report(ctx, t, done, change.Notes)
}

// Report prints what has become of an object, and waits for it where that is asked for.
func (c *Client) Report(ctx context.Context, t Target, done string, notes []string) error {
	if _, err := fmt.Fprintf(c.out, "%s %s%s\n", show.Escape(t.String()), show.Escape(done), c.Suffix()); err != nil {
		return err
	}
	for _, note := range notes {
		if _, err := fmt.Fprintf(c.errOut, "note: %s: %s\n", show.Escape(t.String()), show.Escape(note)); err != nil {
			return err
		}
	}
	if c.Dry() || !c.wait {
		return nil
	}
	return c.await(ctx, t)
}

// await waits until the manager has reached what an object's spec says.
func (c *Client) await(ctx context.Context, t Target) error {
	last := errors.New("the manager has not seen it")
	err := wait.PollUntilContextTimeout(ctx, again, c.timeout, true, func(ctx context.Context) (bool, error) {
		o, err := c.of(t).Get(ctx, t.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, err
		}
		if err == nil {
			if ready := lifecycle.Condition(o, xosv1.ConditionReady); ready.Message != "" {
				last = errors.New(ready.Message)
			}
			return lifecycle.Reached(o)
		}
		last = err // the API server may be back in time
		return false, nil
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("not reached within %v: %w", c.timeout, last)
	}
	return err
}

// Each does something to each object that arguments name. One that fails does not keep the
// others from it.
func (c *Client) Each(ctx context.Context, targets []Target, do func(context.Context, Target) error) error {
	var errs []error
	for _, t := range targets {
		if err := do(ctx, t); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", t, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}
