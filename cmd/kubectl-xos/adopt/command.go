// Package adopt has the commands that take over native objects and hand them back.
package adopt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/change"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/lifecycle"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
)

// NewCommand returns the command that takes over.
func NewCommand() *cobra.Command {
	return newCommand(&cobra.Command{
		Use:   "adopt KIND/NAME...",
		Short: "Have records and other objects take over the native objects of their names",
		Long: `Has an object manage a native object that another client created: what the object
records, or the native object of its name. It says what will happen, asks, then
consents by the annotation ` + xosv1.AdoptableAnnotation + ` on the native object, unless the
trust domain's spec.adoption consents already, and sets spec.xosManaged to true and
spec.adopt to IfUnowned.

You need the right to patch both. What another controller, Helm or another object of
XOS manages is not taken over.`,
		Example: `  # what would happen
  kubectl xos adopt slice/hello -n default --dry-run=client

  # a namespace, and a Deployment in it
  kubectl xos adopt td/legacy --yes --wait
  kubectl xos adopt slice/hello -n legacy --yes --wait`,
	}, lifecycle.Adopting(), planAdoption)
}

// NewReleaseCommand returns the command that hands back.
func NewReleaseCommand() *cobra.Command {
	return newCommand(&cobra.Command{
		Use:   "release KIND/NAME...",
		Short: "Have objects hand back the native objects that they manage",
		Long: `Sets spec.xosManaged to false: the object becomes a record, and what it manages stays
as it is, without the tracking metadata of XOS. It says what will happen, and asks.

The annotation ` + xosv1.AdoptableAnnotation + ` stays on the native object: kubectl annotate
KIND NAME ` + xosv1.AdoptableAnnotation + `- withdraws the consent to take it over again.`,
		Example: `  kubectl xos release slice/hello -n default --yes --wait`,
	}, lifecycle.Releasing(), planRelease)
}

// plan is what is to be done to an object.
type plan struct {
	target change.Target
	lifecycle.Takeover
	native *native
	// decide is the decision for what is read when it is done.
	decide decision
}

type decision func(*unstructured.Unstructured) (lifecycle.Takeover, error)

type planner func(context.Context, *change.Client, *natives, change.Target) (*plan, error)

func newCommand(cmd *cobra.Command, kinds []string, planned planner) *cobra.Command {
	o, yes := &change.Options{}, false
	cmd.Args = cobra.MinimumNArgs(1)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		targets, err := change.Parse(args, kinds...)
		if err != nil {
			return err
		}
		c, err := o.Connect(cmd)
		if err != nil {
			return err
		}
		objects, err := newNatives(c)
		if err != nil {
			return err
		}
		return run(cmd, c, objects, targets, planned, yes)
	}
	o.Add(cmd)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "Do not ask. Needed where there is no terminal to ask on.")
	cmd.ValidArgsFunction = cli.CompleteObjects(&o.Cluster, kinds...)
	return cmd
}

// run says what will happen to all objects, asks, and does it. Where one can't be changed,
// none is.
func run(cmd *cobra.Command, c *change.Client, objects *natives, targets []change.Target, planned planner, yes bool) error {
	ctx := cmd.Context()
	plans := map[change.Target]*plan{}
	asks := false
	err := c.Each(ctx, targets, func(ctx context.Context, t change.Target) error {
		p, err := planned(ctx, c, objects, t)
		if err != nil {
			return err
		}
		plans[t] = p
		asks = asks || len(p.Spec) > 0 || p.Consent
		for _, effect := range p.Effects {
			if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", show.Escape(t.String()), show.Escape(effect)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if asks && !c.Dry() && !yes {
		if err := confirm(cmd.InOrStdin(), cmd.ErrOrStderr()); err != nil {
			return err
		}
	}
	return c.Each(ctx, targets, func(ctx context.Context, t change.Target) error { return do(ctx, c, objects, plans[t]) })
}

func confirm(in io.Reader, out io.Writer) error {
	file, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return errors.New("nothing was changed, since there is no terminal to ask on: --yes confirms")
	}
	if _, err := fmt.Fprint(out, "Go on? [y/N] "); err != nil {
		return err
	}
	answer, err := bufio.NewReader(io.LimitReader(file, 64)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errors.New("nothing was changed")
}

func do(ctx context.Context, c *change.Client, objects *natives, p *plan) error {
	if p.Consent && !c.Local() {
		o, err := c.Get(ctx, p.target)
		if err != nil {
			return err
		}
		if _, err := p.decide(o); err != nil {
			return err
		}
		if err := objects.consent(ctx, c, p.native); err != nil {
			return fmt.Errorf("annotate %s, or have it done by somebody who may change it: %w", p.native.Native, err)
		}
	}
	err := c.Change(ctx, p.target, func(o *unstructured.Unstructured) (lifecycle.Change, error) {
		t, err := p.decide(o)
		return t.Change, err
	})
	if err != nil && p.Consent && !c.Dry() {
		return fmt.Errorf("%w; the consent is on %s even so", err, p.native.Native)
	}
	return err
}
