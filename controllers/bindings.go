package controllers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// A RoleBinding exists while the trust domain allows the role and admits the principal's
// namespace, and the principal exists and is managed. Neither suspend nor a deletion policy of the
// principal retains it any longer; the functions below revoke it.

// bindingsByPrincipal finds RoleBindings by the key of the principal that they were created for,
// whether or not that exists.
const bindingsByPrincipal = "of-principal"

var roleBindingKind = schema.GroupKind{Group: rbacv1.GroupName, Kind: "RoleBinding"}

// principalOf returns the principal that a RoleBinding was created for, if its tracking metadata
// and its name agree.
func principalOf(b *rbacv1.RoleBinding) []string {
	owner, ok := ownership.OwnerOf(b, roleBindingKind)
	if !ok || owner.Kind != "Principal" || b.Name != desired.RoleBindingName(owner.Name.Name, b.RoleRef.Name) {
		return nil
	}
	return []string{owner.Name.String()}
}

// revokeBindings deletes the RoleBindings that a principal may not have any more. It runs at the
// start of each pass over the principal's name, which events of its trust domain, its namespace
// and the bindings themselves enqueue.
func revokeBindings(ctx context.Context, c *cluster.Cluster, name cache.ObjectName) error {
	bindings := c.RoleBindings.ByIndex(bindingsByPrincipal, name.String())
	if len(bindings) == 0 {
		return nil
	}
	principal, known := c.Principals.Get(name)
	if !known {
		// The cache may lag behind another manager that created both.
		switch _, err := c.Principals.WriteAs(store.ReconcilerWriter, nil).Read(ctx, name); {
		case err == nil:
			return nil // its arrival in the cache enqueues it
		case !apierrors.IsNotFound(err):
			return fmt.Errorf("find out whether Principal %s is gone: %w", name, err)
		}
	}
	var errs []error
	for _, b := range bindings {
		if c.RoleBindings.Terminating(b) || (known && entitled(c, principal, b)) {
			continue
		}
		klog.FromContext(ctx).Info("Deletes a role binding that is not allowed any more",
			"principal", klog.KRef(name.Namespace, name.Name), "roleBinding", klog.KObj(b), "role", b.RoleRef.Name)
		store.CountWrite("Principal", roleBindingKind.Kind, "revoke")
		errs = append(errs, c.RoleBindings.Delete(ctx, b))
	}
	return errors.Join(errs...)
}

// entitled returns whether a principal may have a RoleBinding according to its current trust
// domain. A binding that was created for an earlier principal of the name is retained if this one
// asks for the role too: it adopts the binding.
func entitled(c *cluster.Cluster, p *xosv1.Principal, b *rbacv1.RoleBinding) bool {
	role := b.RoleRef.Name
	if owner, _ := ownership.OwnerOf(b, roleBindingKind); owner.UID != p.UID && !slices.Contains(p.Spec.Roles, role) {
		return false
	}
	domain, err := trustdomain.Of(c, p, p.Spec.TrustDomain)
	return err == nil && xosv1.IsManaged(p) &&
		domain.DeletionTimestamp == nil && desired.NamespaceOf(domain) == b.Namespace &&
		trustdomain.Admits(c, domain, p.Namespace) == nil && slices.Contains(domain.Spec.AllowedRoles, role)
}
