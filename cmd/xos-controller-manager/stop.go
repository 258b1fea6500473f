package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	appsv1 "k8s.io/client-go/kubernetes/typed/apps/v1"
	coordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// newStopCommand is what comes before the manager's rights are taken away: without them it could
// neither finish what it has begun nor hand back its Lease.
func newStopCommand() *cobra.Command {
	o, timeout := defaultOptions(), time.Minute
	cmd := o.once(&cobra.Command{
		Use:   "stop",
		Short: "Delete the manager's Deployment, and wait for the end of its pods",
		Long: `Deletes Deployment xos-controller-manager in the namespace of the Lease, and waits
until its pods have ended. Pods that can't end, as those of a node that is away,
are not waited for once the Lease has expired.`,
	}, &timeout, func(ctx context.Context, config *rest.Config) error {
		config.QPS = -1
		apps, err := appsv1.NewForConfig(config)
		if err != nil {
			return fmt.Errorf("make a client of Deployments: %w", err)
		}
		leases, err := coordinationv1.NewForConfig(config)
		if err != nil {
			return fmt.Errorf("make a client of Leases: %w", err)
		}
		return stop(ctx, apps.Deployments(o.leaseNamespace()), leases.Leases(o.leaseNamespace()))
	})
	o.addLeaseFlag(cmd.Flags())
	return cmd
}

func stop(ctx context.Context, deployments appsv1.DeploymentInterface, leases coordinationv1.LeaseInterface) error {
	// In the foreground, the Deployment remains until its pods have ended.
	foreground := metav1.DeletePropagationForeground
	err := deployments.Delete(ctx, xosv1.FieldManager, metav1.DeleteOptions{PropagationPolicy: &foreground})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("delete the manager's Deployment: %w", err)
	}
	last, since := "", time.Now()
	err = wait.PollUntilContextCancel(ctx, retryPeriod/4, true, func(ctx context.Context) (bool, error) {
		if _, err := deployments.Get(ctx, xosv1.FieldManager, metav1.GetOptions{}); apierrors.IsNotFound(err) {
			klog.FromContext(ctx).Info("The manager has ended")
			return true, nil
		} else if err != nil {
			return false, fmt.Errorf("read the manager's Deployment: %w", err)
		}
		lease, err := leases.Get(ctx, xosv1.FieldManager, metav1.GetOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return false, fmt.Errorf("read the manager's Lease: %w", err)
		}
		if now := renewal(lease); now != last {
			last, since = now, time.Now()
		}
		expired := time.Since(since) > leaseDuration
		if expired {
			klog.FromContext(ctx).Info("No manager leads, but pods of it have not ended")
		}
		return expired, nil
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("the manager did not end in time, and still leads: see the pods of its Deployment, or give it more --timeout")
	}
	return err
}
