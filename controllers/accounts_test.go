package controllers

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// holding is a cluster whose caches hold these objects and are never filled.
func holding(t *testing.T, objects ...runtime.Object) *cluster.Cluster {
	t.Helper()
	c, err := cluster.New(&rest.Config{Host: "unused.example.org"})
	require.NoError(t, err)
	addIndexes(c)
	for _, o := range objects {
		hold(t, c, o.(store.Object))
	}
	return c
}

// shopDomain admits all namespaces to namespace shop, which is there.
func shopDomain() []runtime.Object {
	d := &xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{Name: "shop", UID: "domain"}}
	d.Spec.AllowedNamespaces = &xosv1.AllowedNamespaces{From: xosv1.NamespacesFromAll}
	n := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", UID: "namespace"}}
	n.Annotations = map[string]string{xosv1.OwnerAnnotation: "TrustDomain//shop/domain/Namespace//shop"}
	return []runtime.Object{d, n}
}

func deployer(changes ...func(*xosv1.Principal)) *xosv1.Principal {
	p := &xosv1.Principal{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "deployer", UID: "principal"}}
	p.Spec.TrustDomain = "shop"
	p.Status.Conditions = []metav1.Condition{{Type: xosv1.ConditionReady, Status: metav1.ConditionTrue}}
	for _, change := range changes {
		change(p)
	}
	return p
}

// serviceAccount is an account of namespace shop that carries a tracking annotation.
func serviceAccount(name, tracking string, annotations ...string) *corev1.ServiceAccount {
	a := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID("uid-of-" + name)}}
	a.Annotations = map[string]string{xosv1.OwnerAnnotation: tracking}
	a.Labels = map[string]string{xosv1.ManagedByLabel: xosv1.ManagedByValue}
	for _, key := range annotations {
		a.Annotations[key] = "true"
	}
	return a
}

const deployersMark = "Principal/team/deployer/principal/ServiceAccount/shop/deployer"

func blobOf(namespace, principal string, recorded *xosv1.AppliedAs) *xosv1.KubernetesResourceInstance {
	r := &xosv1.KubernetesResourceInstance{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "blob"}}
	r.Spec.TrustDomain, r.Spec.Principal, r.Status.Account = "shop", principal, recorded
	return r
}

// TestABlobActsOnlyAsAnAccountThatIsProven asks for the account of blobs of namespace
// team in the trust domain shop, to apply as and to clean up as.
func TestABlobActsOnlyAsAnAccountThatIsProven(t *testing.T) {
	record := func(p *xosv1.Principal) { p.Spec.XOSManaged = ptr.To(false) }
	unready := func(p *xosv1.Principal) { p.Status.Conditions = nil }
	ending := func(p *xosv1.Principal) { p.DeletionTimestamp = ptr.To(metav1.Now()); unready(p) }
	proven := xosv1.AppliedAs{Namespace: "shop", Name: "deployer", UID: "uid-of-deployer"}
	own := xosv1.AppliedAs{Namespace: "shop", Name: "xos-default-team"}
	all := func(objects ...runtime.Object) []runtime.Object { return append(shopDomain(), objects...) }
	for sentence, test := range map[string]struct {
		objects   []runtime.Object
		principal string
		recorded  *xosv1.AppliedAs
		// account and former are empty where none is proven.
		account, former xosv1.AppliedAs
	}{
		"its principal's":                                       {all(deployer(), serviceAccount("deployer", deployersMark)), "deployer", nil, proven, proven},
		"none of a principal that does not exist":               {all(serviceAccount("deployer", deployersMark)), "deployer", nil, none, none},
		"none of a record":                                      {all(deployer(record), serviceAccount("deployer", deployersMark)), "deployer", nil, none, none},
		"none before it is ready, but to clean up":              {all(deployer(unready), serviceAccount("deployer", deployersMark)), "deployer", nil, none, proven},
		"a principal's that is being deleted, to clean up":      {all(deployer(ending), serviceAccount("deployer", deployersMark)), "deployer", &proven, none, proven},
		"one without an annotation":                             {all(deployer(), serviceAccount("deployer", "")), "deployer", nil, none, none},
		"none of an earlier principal":                          {all(deployer(), serviceAccount("deployer", "Principal/team/deployer/earlier/ServiceAccount/shop/deployer")), "deployer", nil, none, none},
		"none of another namespace's principal":                 {all(deployer(), serviceAccount("deployer", "Principal/other/deployer/principal/ServiceAccount/shop/deployer")), "deployer", nil, none, none},
		"one with a copied annotation":                          {all(deployer(), serviceAccount("deployer", "Principal/team/deployer/principal/ServiceAccount/shop/admin")), "deployer", nil, none, none},
		"none that was adopted":                                 {all(deployer(), serviceAccount("deployer", deployersMark, xosv1.AdoptedAnnotation)), "deployer", nil, none, none},
		"none that was adopted, though with consent":            {all(deployer(), serviceAccount("deployer", deployersMark, xosv1.AdoptedAnnotation, xosv1.AdoptableAnnotation)), "deployer", nil, none, none},
		"its namespace's own without a principal":               {all(), "", nil, own, own},
		"not its namespace's own where a principal has that":    {all(serviceAccount("xos-default-team", "Principal/other/xos-default-team/u/ServiceAccount/shop/xos-default-team")), "", nil, none, none},
		"the recorded one, though the spec names another now":   {all(deployer(), serviceAccount("deployer", deployersMark)), "", &proven, own, proven},
		"no recorded one that another has now":                  {all(deployer(), serviceAccount("deployer", deployersMark)), "", &xosv1.AppliedAs{Namespace: "shop", Name: "deployer", UID: "earlier"}, own, own},
		"no recorded one of the manager's namespace":            {all(deployer()), "", &xosv1.AppliedAs{Namespace: "xos-system", Name: "xos-controller-manager", UID: "u"}, own, own},
		"no recorded one of Kubernetes' namespace":              {all(deployer()), "", &xosv1.AppliedAs{Namespace: "kube-system", Name: "xos-default-team"}, own, own},
		"no recorded one of another namespace without a domain": {all(deployer()), "", &xosv1.AppliedAs{Namespace: "other", Name: "xos-default-team"}, own, own},
	} {
		t.Run(sentence, func(t *testing.T) {
			a := newAccounts(holding(t, test.objects...))
			a.own = func() string { return "xos-system" }
			r := blobOf("team", test.principal, test.recorded)
			account, err := a.Account(r, "shop")
			assert.Equal(t, test.account, account, "to apply as: %v", err)
			former, err := a.Former(r)
			assert.Equal(t, test.former, former, "to clean up as: %v", err)
		})
	}
}

var none xosv1.AppliedAs

func TestADomainThatAdmitsANamespaceNoLongerGivesItNoAccount(t *testing.T) {
	objects := append(shopDomain(), deployer(), serviceAccount("deployer", deployersMark))
	objects[0].(*xosv1.TrustDomain).Spec.AllowedNamespaces = nil
	a := newAccounts(holding(t, objects...))
	for _, principal := range []string{"deployer", ""} {
		_, err := a.Former(blobOf("team", principal, &xosv1.AppliedAs{Namespace: "shop", Name: "deployer", UID: "uid-of-deployer"}))
		assert.ErrorContains(t, err, "does not admit", principal)
	}
}

func TestNoAccountIsEverTakenOnInAReservedNamespace(t *testing.T) {
	a := newAccounts(holding(t))
	a.own = func() string { return "xos-system" }
	for _, target := range []string{"kube-system", "kube-public", "xos-system", ""} {
		_, err := a.Account(blobOf(target, "", nil), target)
		assert.ErrorContains(t, err, "can't be applied there", target)
	}
}

func TestEachNamespaceOfASharedDomainHasAnAccountOfItsOwn(t *testing.T) {
	assert.Equal(t, "xos-default", defaultAccount("shop", "shop"))
	assert.Equal(t, "xos-default-a", defaultAccount("a", "shop"))
	assert.NotEqual(t, defaultAccount("a", "shop"), defaultAccount("b", "shop"))
}

func TestTheManagersNamespaceIsThatOfItsToken(t *testing.T) {
	// {"sub":"system:serviceaccount:xos-system:xos-controller-manager"} and {"sub":"system:admin"}
	const manager = "e30.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6eG9zLXN5c3RlbTp4b3MtY29udHJvbGxlci1tYW5hZ2VyIn0.c2ln"
	const admin = "e30.eyJzdWIiOiJzeXN0ZW06YWRtaW4ifQ.c2ln"
	assert.Equal(t, "xos-system", managerNamespace(&rest.Config{BearerToken: manager}))
	for _, token := range []string{"", "abc", "a.b.c", admin} {
		assert.Empty(t, managerNamespace(&rest.Config{BearerToken: token}), token)
	}
}

// TestAPrincipalWaitsForBlobsForATimeThatEnds reconciles a Principal that was deleted a
// while ago.
func TestAPrincipalWaitsForBlobsForATimeThatEnds(t *testing.T) {
	now := time.Now()
	blob := func(deleted bool, entries int) *xosv1.KubernetesResourceInstance {
		r := blobOf("team", "deployer", nil)
		r.Status.Inventory = make([]xosv1.InventoryEntry, entries)
		if deleted {
			r.DeletionTimestamp = ptr.To(metav1.NewTime(now))
		}
		return r
	}
	for sentence, test := range map[string]struct {
		blob *xosv1.KubernetesResourceInstance
		ago  time.Duration
		want time.Duration
	}{
		"none acts as it":                        {blobOf("team", "other", nil), 0, 0},
		"one that may be deleted in a moment":    {blob(false, 1), 5 * time.Second, companionTime - 5*time.Second},
		"one that is not deleted":                {blob(false, 1), time.Minute, -1},
		"one that is being deleted":              {blob(true, 1), time.Minute, cleanupTime - time.Minute},
		"one that is being deleted for too long": {blob(true, 1), time.Hour, -1},
		"one that has nothing left":              {blob(true, 0), 0, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			p := deployer(func(p *xosv1.Principal) { p.DeletionTimestamp = ptr.To(metav1.NewTime(now.Add(-test.ago))) })
			by, wait := principalInUse(holding(t, p, test.blob), p, now)
			assert.Equal(t, max(test.want, 0), wait)
			assert.Equal(t, test.want > 0, by == "KubernetesResourceInstance blob")
		})
	}
}
