package manager

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// bind binds an account of a namespace to a ClusterRole, in a namespace.
func bind(t *testing.T, in, role, account, namespace string) {
	t.Helper()
	_, err := kubernetes.NewForConfigOrDie(plane.Shared(t).Config()).RbacV1().RoleBindings(in).Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{GenerateName: account + "-" + role + "-"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Name: account, Namespace: namespace}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
}

func TestConstrainedImpersonationEndsAtTheDomainsNamespace(t *testing.T) {
	p := plane.Shared(t)
	testkit.DeployedOn(t, p, "../../deploy/constrained-impersonation/role.yaml")
	// A manager without the verb impersonate, and an account that may edit in two
	// namespaces, of which one is a domain's.
	home, domain, other := plane.Namespace(t, p), plane.Namespace(t, p), plane.Namespace(t, p)
	bind(t, domain, "xos-domain-impersonation", "default", home)
	bind(t, domain, "edit", "default", domain)
	bind(t, other, "edit", "default", domain)
	bind(t, other, "edit", "default", other)
	as := func(account string) kubernetes.Interface {
		config := p.Config()
		narrow := rest.AnonymousClientConfig(config)
		narrow.BearerToken = tokenOf(t, home, "default")
		narrow.Impersonate = rest.ImpersonationConfig{UserName: "system:serviceaccount:" + account + ":default"}
		return kubernetes.NewForConfigOrDie(narrow)
	}
	create := func(ctx context.Context, account, namespace string) error {
		_, err := as(account).CoreV1().ConfigMaps(namespace).Create(ctx, configMap(), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	}
	plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		err := create(ctx, domain, domain)
		return err == nil, "the domain's account is not impersonated yet"
	})
	for sentence, err := range map[string]error{
		"the domain's account elsewhere":              create(t.Context(), domain, other),
		"another namespace's account":                 create(t.Context(), other, other),
		"another namespace's account in the domain":   create(t.Context(), other, domain),
		"an account of Kubernetes' own in the domain": create(t.Context(), "kube-system", domain),
	} {
		require.True(t, apierrors.IsForbidden(err), "%s: %v", sentence, err)
	}
}
