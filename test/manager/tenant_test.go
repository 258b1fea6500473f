package manager

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// tenant is a ServiceAccount in a namespace, with one ClusterRole there.
type tenant struct {
	namespace string
	kube      kubernetes.Interface
	xos       versioned.Interface
}

func newTenant(t *testing.T, role string) *tenant {
	t.Helper()
	p := plane.Shared(t)
	testkit.DeployedOn(t, p, "../../deploy/tenant-roles.yaml")
	admin, namespace := kubernetes.NewForConfigOrDie(p.Config()), plane.Namespace(t, p)
	account, err := admin.CoreV1().ServiceAccounts(namespace).Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "tenant"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	bind(t, namespace, role, account.Name, namespace)
	config := rest.AnonymousClientConfig(p.Config())
	config.BearerToken = tokenOf(t, namespace, account.Name)
	return &tenant{namespace: namespace, kube: kubernetes.NewForConfigOrDie(config), xos: versioned.NewForConfigOrDie(config)}
}

// tokenOf is a token of a ServiceAccount.
func tokenOf(t *testing.T, namespace, account string) string {
	t.Helper()
	token, err := kubernetes.NewForConfigOrDie(plane.Shared(t).Config()).CoreV1().ServiceAccounts(namespace).
		CreateToken(t.Context(), account, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(t, err)
	return token.Status.Token
}

// rights are what the tenant may do in its namespace, as "verb group/resource".
// What each account may ask about itself is left out.
func (a *tenant) rights(ctx context.Context) ([]string, error) {
	review, err := a.kube.AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, &authorizationv1.SelfSubjectRulesReview{
		Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: a.namespace},
	}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	var found []string
	for _, rule := range review.Status.ResourceRules {
		for _, group := range rule.APIGroups {
			if group == authorizationv1.GroupName || group == authenticationv1.GroupName {
				continue
			}
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					found = append(found, fmt.Sprintf("%s %s/%s", verb, group, resource))
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// awaitRights waits until the API server has taken notice of the role.
func (a *tenant) awaitRights(t *testing.T, want func(found []string) bool) []string {
	t.Helper()
	var found []string
	plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		var err error
		found, err = a.rights(ctx)
		return err == nil && want(found), fmt.Sprint(err, " ", found)
	})
	return found
}

func some(found []string) bool { return len(found) > 0 }

// tenantKinds are the resources of the namespaced kinds, as the CRDs have them.
func tenantKinds(t *testing.T) []string {
	t.Helper()
	crds, err := apiextensions.NewForConfigOrDie(plane.Shared(t).Config()).ApiextensionsV1().CustomResourceDefinitions().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	var kinds []string
	for _, crd := range crds.Items {
		if crd.Spec.Group == xosv1.GroupName && crd.Spec.Scope == apiextensionsv1.NamespaceScoped {
			kinds = append(kinds, crd.Spec.Names.Plural)
		}
	}
	return kinds
}

func allOf(verbs string, kinds []string) []string {
	var all []string
	for _, kind := range kinds {
		for _, verb := range strings.Fields(verbs) {
			all = append(all, verb+" xos.opencord.org/"+kind)
		}
	}
	slices.Sort(all)
	return all
}

func TestATenantThatMayEditHasTheNamespacedKindsAndNothingElse(t *testing.T) {
	a := newTenant(t, "xos-tenant-edit")
	want := append(allOf("get list watch create update patch delete deletecollection", tenantKinds(t)), allOf("get update patch", []string{"slices/scale"})...)
	slices.Sort(want)
	require.Equal(t, want, a.awaitRights(t, some))

	ctx := t.Context()
	account := &xosv1.Principal{ObjectMeta: metav1.ObjectMeta{Name: "web"}}
	_, err := a.xos.XosV1().Principals(a.namespace).Create(ctx, account, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = a.xos.XosV1().Principals(a.namespace).Patch(ctx, "web", types.MergePatchType, []byte(`{"status":{"backendHandle":"forged"}}`), metav1.PatchOptions{}, "status")
	require.True(t, apierrors.IsForbidden(err), "%v", err)
	_, err = a.xos.XosV1().Principals("default").Create(ctx, account, metav1.CreateOptions{})
	require.True(t, apierrors.IsForbidden(err), "%v", err)
	_, err = a.xos.XosV1().TrustDomains().Create(ctx, &xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{Name: "mine"}}, metav1.CreateOptions{})
	require.True(t, apierrors.IsForbidden(err), "%v", err)
	_, err = a.kube.CoreV1().Secrets(a.namespace).List(ctx, metav1.ListOptions{})
	require.True(t, apierrors.IsForbidden(err), "%v", err)
}

func TestATenantThatMayViewSeesAllButValuesOfSecrets(t *testing.T) {
	a := newTenant(t, "xos-tenant-view")
	kinds := slices.DeleteFunc(tenantKinds(t), func(kind string) bool { return kind == "kubernetessecrets" })
	want := append(allOf("get list watch", kinds), "get xos.opencord.org/slices/scale")
	slices.Sort(want)
	require.Equal(t, want, a.awaitRights(t, some))
}

func TestKubernetesOwnRolesHaveTheTenantsRights(t *testing.T) {
	for role, right := range map[string]string{
		"admin": "create xos.opencord.org/slices",
		"edit":  "create xos.opencord.org/slices",
		"view":  "list xos.opencord.org/slices",
	} {
		t.Run(role, func(t *testing.T) {
			a := newTenant(t, role)
			found := a.awaitRights(t, func(found []string) bool { return slices.Contains(found, right) })
			require.NotContains(t, found, "patch xos.opencord.org/slices/status")
			require.NotContains(t, found, "create xos.opencord.org/trustdomains")
			require.Equal(t, role != "view", slices.Contains(found, "get xos.opencord.org/kubernetessecrets"))
		})
	}
}
