package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	coordination "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	coordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/bulk"
)

// newCheckCommand is what "helm test" runs.
func newCheckCommand() *cobra.Command {
	o, timeout := defaultOptions(), time.Minute
	cmd := o.once(&cobra.Command{
		Use:   "check",
		Short: "Check that a manager leads, and that all kinds can be read",
		Long: `Checks that the cluster serves all kinds of xos.opencord.org, that this account
may read them, and that a manager leads. Run it as the manager's account.`,
	}, &timeout, func(ctx context.Context, config *rest.Config) error {
		client, err := bulk.NewClient(config)
		if err != nil {
			return err
		}
		if err := client.Readable(ctx); err != nil {
			return err
		}
		return awaitLeader(ctx, o, config)
	})
	o.addLeaseFlag(cmd.Flags())
	return cmd
}

// awaitLeader waits until a leader renews the Lease: what was written by one that is gone does not
// count, and neither does its clock.
func awaitLeader(ctx context.Context, o *options, config *rest.Config) error {
	client, err := coordinationv1.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make a client of Leases: %w", err)
	}
	leases := client.Leases(o.leaseNamespace())
	first, reason := "", errors.New("nobody holds it")
	err = wait.PollUntilContextCancel(ctx, retryPeriod/4, true, func(ctx context.Context) (bool, error) {
		lease, err := leases.Get(ctx, xosv1.FieldManager, metav1.GetOptions{})
		if err != nil {
			if ctx.Err() == nil {
				reason = err
			}
			return false, nil
		}
		now, holder := renewal(lease), ptr.Deref(lease.Spec.HolderIdentity, "")
		if now != "" && first == "" {
			first, reason = now, fmt.Errorf("%s holds it, and does not renew it", holder)
		}
		if now == "" || now == first {
			return false, nil
		}
		klog.FromContext(ctx).Info("A manager leads", "holder", holder)
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("no manager leads by Lease %s/%s: %w", o.leaseNamespace(), xosv1.FieldManager, reason)
	}
	return nil
}

// renewal is who has renewed a Lease, and when: it changes with each renewal. It is empty if nobody
// holds the Lease.
func renewal(lease *coordination.Lease) string {
	holder := ptr.Deref(lease.Spec.HolderIdentity, "")
	if holder == "" || lease.Spec.RenewTime == nil {
		return ""
	}
	return holder + lease.Spec.RenewTime.String()
}
