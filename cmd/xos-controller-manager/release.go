package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/bulk"
	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/leadership"
)

// The commands of an uninstall. The chart's hooks run them as an account of their own, so their
// rights are not among the manager's.

// newDeleteCommand is what the manager has to be there for.
func newDeleteCommand() *cobra.Command {
	o, timeout := defaultOptions(), 5*time.Minute
	return o.once(&cobra.Command{
		Use:   "delete",
		Short: "Delete all custom resources and their native objects, while a manager runs",
		Long: `Deletes all custom resources of xos.opencord.org that have native objects, and
waits until the manager, which has to run, has deleted these as deletionPolicy
says. The records of the inventory remain.`,
	}, &timeout, func(ctx context.Context, config *rest.Config) error {
		client, err := bulk.NewClient(config)
		if err != nil {
			return err
		}
		return client.Delete(ctx)
	})
}

// newReleaseCommand is what has to be done when no manager is there any more.
func newReleaseCommand() *cobra.Command {
	o, timeout, definitions := defaultOptions(), 5*time.Minute, false
	cmd := o.once(&cobra.Command{
		Use:   "release",
		Short: "Remove the manager's finalizers from all custom resources, when it is gone",
		Long: `Waits until no manager leads, and removes its finalizers from all custom
resources of xos.opencord.org, so that these and their namespaces can be deleted
without it. Custom resources and native objects are kept.`,
	}, &timeout, func(ctx context.Context, config *rest.Config) error {
		return release(ctx, o, config, definitions)
	})
	o.addLeaseFlag(cmd.Flags())
	cmd.Flags().BoolVar(&definitions, "delete-definitions", false, "Then delete the custom resource definitions, and all custom resources with them.")
	return cmd
}

// release holds the Lease meanwhile: a manager that is about to end would set its finalizers again.
func release(ctx context.Context, o *options, config *rest.Config, definitions bool) error {
	term := leadership.NewTerm(renewDeadline)
	gated := rest.CopyConfig(config)
	gated.Wrap(term.Gate)
	client, err := bulk.NewClient(gated)
	if err != nil {
		return err
	}
	done := false
	err = elect(ctx, o, config, term, func(ctx context.Context, _ context.CancelCauseFunc) error {
		released, err := client.Release(ctx)
		klog.FromContext(ctx).Info("Released custom resources", "count", released)
		if err == nil && definitions {
			err = client.DeleteDefinitions(ctx)
		}
		done = err == nil
		return err
	})
	switch {
	case err != nil:
		return err
	case !done:
		return errors.New("a manager leads all the time: stop it first (kubectl scale --replicas=0), or give it more --timeout to end")
	}
	return deleteLease(context.WithoutCancel(ctx), o, config)
}

// deleteLease deletes the Lease that nobody holds any more.
func deleteLease(ctx context.Context, o *options, config *rest.Config) error {
	client, err := coordinationv1.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make a client of Leases: %w", err)
	}
	leases := client.Leases(o.leaseNamespace())
	lease, err := leases.Get(ctx, xosv1.FieldManager, metav1.GetOptions{})
	if err == nil && ptr.Deref(lease.Spec.HolderIdentity, "") == "" {
		err = leases.Delete(ctx, lease.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &lease.UID, ResourceVersion: &lease.ResourceVersion}})
	}
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return fmt.Errorf("delete the Lease: %w", err)
	}
	return nil
}
