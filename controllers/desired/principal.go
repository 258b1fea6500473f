package desired

import (
	"strings"

	corev1 "k8s.io/client-go/applyconfigurations/core/v1"
	rbacv1 "k8s.io/client-go/applyconfigurations/rbac/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

// DefaultAccount is the ServiceAccount that Kubernetes creates in each namespace, and that pods
// run as by default.
const DefaultAccount = "default"

const rbacGroup = "rbac.authorization.k8s.io"

// ServiceAccount returns the ServiceAccount of a principal.
func ServiceAccount(p *xosv1.Principal, namespace string) *corev1.ServiceAccountApplyConfiguration {
	account := corev1.ServiceAccount(p.Name, namespace)
	for _, name := range p.Spec.ImagePullSecrets {
		account.WithImagePullSecrets(corev1.LocalObjectReference().WithName(name))
	}
	if p.Spec.AutomountToken != nil {
		account.WithAutomountServiceAccountToken(*p.Spec.AutomountToken)
	}
	return account
}

// RoleBinding binds a principal's service account to one ClusterRole, in the
// namespace of its trust domain only.
func RoleBinding(p *xosv1.Principal, namespace, role string) *rbacv1.RoleBindingApplyConfiguration {
	return rbacv1.RoleBinding(RoleBindingName(p.Name, role), namespace).
		WithRoleRef(rbacv1.RoleRef().WithAPIGroup(rbacGroup).WithKind("ClusterRole").WithName(role)).
		WithSubjects(rbacv1.Subject().WithKind("ServiceAccount").WithName(p.Name).WithNamespace(namespace))
}

// IsRoleBindingOf returns whether a principal may have a RoleBinding of this name.
func IsRoleBindingOf(principal, name string) bool {
	const uncut = 200 // a longer prefix may have been replaced by a hash
	prefix := "xos:" + principal + ":"
	return strings.HasPrefix(name, prefix[:min(len(prefix), uncut)])
}

// RoleBindingName returns a name that is unique by principal and role: the roleRef of a binding is
// immutable, so each role has a binding of its own. Characters in role names that only paths
// allow, such as ":", are preserved, as in the API's own bindings.
func RoleBindingName(principal, role string) string {
	const limit = 253
	return names.Fit("xos:"+principal+":"+role, limit)
}
