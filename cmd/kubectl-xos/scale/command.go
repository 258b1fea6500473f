// Package scale is the command that changes how many pods a slice has.
package scale

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/util/retry"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/change"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/lifecycle"
)

// scalable is the kind that has the subresource.
const scalable = "Slice"

// NewCommand returns the command.
func NewCommand() *cobra.Command {
	o, replicas := &change.Options{}, int32(-1)
	cmd := &cobra.Command{
		Use:   "scale slice/NAME... --replicas N",
		Short: "Change how many pods slices have",
		Long: `Sets spec.controllerReplicaCount of slices by the subresource scale: a user needs the
rights to get slices and to update their scale. Only the controllers of Deployments,
StatefulSets and ReplicaSets have a number of pods.

Where an autoscaler targets the slice, it changes the number again; where GitOps applies
the slice with a number, so does that.`,
		Example: `  kubectl xos scale slice/web -n acme --replicas 3 --wait`,
		Args:    cobra.MinimumNArgs(1),

		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			targets, err := change.Parse(args, scalable)
			if err != nil {
				return err
			}
			if replicas < 0 {
				return errors.New("--replicas: write how many pods the slices are to have, 0 or more")
			}
			c, err := o.Connect(cmd)
			if err != nil {
				return err
			}
			scales, err := newClient(c.Connection)
			if err != nil {
				return err
			}
			return c.Each(cmd.Context(), targets, func(ctx context.Context, t change.Target) error {
				return set(ctx, c, scales.Scales(c.Namespace), t, replicas)
			})
		},
	}
	o.Add(cmd)
	cmd.Flags().Int32Var(&replicas, "replicas", replicas, "How many pods. It must be given.")
	cli.Complete(cmd, "replicas", cobra.NoFileCompletions)
	if err := cmd.MarkFlagRequired("replicas"); err != nil {
		panic(err) // there is no such flag
	}
	cmd.ValidArgsFunction = cli.CompleteObjects(&o.Cluster, scalable)
	return cmd
}

func newClient(c *cluster.Connection) (scale.ScalesGetter, error) {
	kinds, err := discovery.NewDiscoveryClientForConfig(c.Config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(kinds))
	client, err := scale.NewForConfig(c.Config, mapper, dynamic.LegacyAPIPathResolverFunc, scale.NewDiscoveryScaleKindResolver(kinds))
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return client, nil
}

// set sets the number of a slice, unless that is it already.
func set(ctx context.Context, c *change.Client, scales scale.ScaleInterface, t change.Target, replicas int32) error {
	var notes []string
	resource := cluster.Of(t.Kind).GroupResource()
	done := fmt.Sprintf("scaled to %d", replicas)
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		o, err := c.Get(ctx, t)
		if err != nil {
			return err
		}
		if notes, err = lifecycle.Scale(o); err != nil {
			return err
		}
		if lifecycle.Replicas(o) == int64(replicas) {
			done = "unchanged"
			return nil
		}
		if c.Local() {
			return nil
		}
		_, err = scales.Update(ctx, resource, scaled(o.GetName(), o.GetNamespace(), o.GetResourceVersion(), replicas),
			metav1.UpdateOptions{FieldManager: change.FieldManager, DryRun: c.DryRun()})
		return err
	})
	if err != nil {
		return err
	}
	return c.Report(ctx, t, done, notes)
}

// scaled is the number of a very version of an object: the server refuses it for any other.
func scaled(name, namespace, version string, replicas int32) *autoscalingv1.Scale {
	return &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, ResourceVersion: version},
		Spec:       autoscalingv1.ScaleSpec{Replicas: replicas},
	}
}
