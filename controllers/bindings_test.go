package controllers

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// binding is the role binding of Principal team/web to the role "view", in namespace
// "shop", with a tracking annotation of that principal's UID.
func binding(uid string) *rbacv1.RoleBinding {
	const name = "xos:web:view"
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Annotations: map[string]string{
			xosv1.OwnerAnnotation: "Principal/team/web/" + uid + "/RoleBinding.rbac.authorization.k8s.io/shop/" + name,
		}},
		RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "view"},
	}
}

func TestARoleBindingIsThereOnlyWhileItsTrustDomainAllowsIt(t *testing.T) {
	type change = func(*xosv1.TrustDomain, *xosv1.Principal)
	for sentence, test := range map[string]struct {
		change change
		uid    string
		want   bool
	}{
		"as it was made":                   {func(*xosv1.TrustDomain, *xosv1.Principal) {}, "u1", true},
		"while the principal is suspended": {func(_ *xosv1.TrustDomain, p *xosv1.Principal) { p.Spec.Suspend = true }, "u1", true},
		"while the domain is suspended":    {func(d *xosv1.TrustDomain, _ *xosv1.Principal) { d.Spec.Suspend = true }, "u1", true},
		"not without the role":             {func(d *xosv1.TrustDomain, _ *xosv1.Principal) { d.Spec.AllowedRoles = []string{"edit"} }, "u1", false},
		"not without the role, suspended": {func(d *xosv1.TrustDomain, p *xosv1.Principal) {
			d.Spec.AllowedRoles, d.Spec.Suspend, p.Spec.Suspend = nil, true, true
		}, "u1", false},
		"not where the namespace is not admitted":                      {func(d *xosv1.TrustDomain, _ *xosv1.Principal) { d.Spec.AllowedNamespaces = nil }, "u1", false},
		"not of a principal that is handed back":                       {func(_ *xosv1.TrustDomain, p *xosv1.Principal) { p.Spec.XOSManaged = ptr.To(false) }, "u1", false},
		"not of a domain that is being deleted":                        {func(d *xosv1.TrustDomain, _ *xosv1.Principal) { d.DeletionTimestamp = ptr.To(metav1.Now()) }, "u1", false},
		"not in another namespace than the domain's":                   {func(d *xosv1.TrustDomain, _ *xosv1.Principal) { d.Spec.Namespace = "shop-eu" }, "u1", false},
		"not where the domain is another":                              {func(_ *xosv1.TrustDomain, p *xosv1.Principal) { p.Spec.TrustDomain = "other" }, "u1", false},
		"of an earlier principal of the name":                          {func(*xosv1.TrustDomain, *xosv1.Principal) {}, "u0", true},
		"of an earlier one, unless this one does not ask for the role": {func(_ *xosv1.TrustDomain, p *xosv1.Principal) { p.Spec.Roles = nil }, "u0", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			c, err := cluster.New(&rest.Config{Host: "unused.example.org"})
			require.NoError(t, err)
			addIndexes(c)
			domain := &xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{Name: "shop", ResourceVersion: "1"}, Spec: xosv1.TrustDomainSpec{
				AllowedRoles: []string{"view"}, AllowedNamespaces: &xosv1.AllowedNamespaces{From: xosv1.NamespacesFromAll},
			}}
			principal := &xosv1.Principal{
				ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "web", UID: "u1"},
				Spec:       xosv1.PrincipalSpec{TrustDomain: "shop", Roles: []string{"view"}},
			}
			test.change(domain, principal)
			c.TrustDomains.ObserveWrite(store.ReconcilerWriter, domain)
			assert.Equal(t, test.want, entitled(c, principal, binding(test.uid)))
		})
	}
}

func TestARoleBindingIsOwnedWhereNameAndAnnotationAgree(t *testing.T) {
	assert.Equal(t, []string{"team/web"}, principalOf(binding("u1")))

	renamed := binding("u1")
	renamed.RoleRef.Name = "edit"
	assert.Empty(t, principalOf(renamed), "its name is that of a binding to another role")

	copied := binding("u1")
	copied.Namespace = "else"
	assert.Empty(t, principalOf(copied))

	plain := binding("u1")
	plain.Annotations = nil
	assert.Empty(t, principalOf(plain))
}
