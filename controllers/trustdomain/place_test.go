package trustdomain

import (
	"testing"

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
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/index"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// domain is a trust domain with the UID that its namespace names as its owner.
func domain(name string, changes ...func(*xosv1.TrustDomain)) *xosv1.TrustDomain {
	d := &xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{Name: name, UID: "uid"}}
	for _, change := range changes {
		change(d)
	}
	return d
}

func in(namespace string) func(*xosv1.TrustDomain) {
	return func(d *xosv1.TrustDomain) { d.Spec.Namespace = namespace }
}

func from(which xosv1.NamespacesFrom, selector *metav1.LabelSelector) func(*xosv1.TrustDomain) {
	return func(d *xosv1.TrustDomain) {
		d.Spec.AllowedNamespaces = &xosv1.AllowedNamespaces{From: which, Selector: selector}
	}
}

// undecodable is what is left of a domain of which a field can't be decoded.
func undecodable(d *xosv1.TrustDomain) {
	d.Status.Undecodable = "spec.allowedNamespaces is not a value"
}

func inventoried(d *xosv1.TrustDomain) { d.Spec.XOSManaged = ptr.To(false) }

func suspended(d *xosv1.TrustDomain) { d.Spec.Suspend = true }

func ending(d *xosv1.TrustDomain) { d.DeletionTimestamp = ptr.To(metav1.Now()) }

func namespace(name, owner string) *corev1.Namespace {
	n := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, UID: "uid-of-" + types.UID(name), Labels: map[string]string{"tenant": name}}}
	if owner != "" {
		n.Annotations = map[string]string{xosv1.OwnerAnnotation: owner + "/Namespace//" + name}
	}
	return n
}

// holding is a cluster whose caches hold these objects and are never filled.
func holding(t *testing.T, objects ...runtime.Object) *cluster.Cluster {
	t.Helper()
	c, err := cluster.New(&rest.Config{Host: "unused.example.org"})
	require.NoError(t, err)
	index.Add(c)
	for _, o := range objects {
		switch o := o.(type) {
		case *xosv1.TrustDomain:
			o.ResourceVersion = "1"
			c.TrustDomains.ObserveWrite(engine.ReconcilerWriter, o)
		case *corev1.Namespace:
			o.ResourceVersion = "1"
			c.Namespaces.ObserveWrite(engine.ReconcilerWriter, o)
		default:
			require.Fail(t, "no such cache", "%T", o)
		}
	}
	return c
}

// TestAnObjectGoesWhereItsTrustDomainSays places an object of namespace "team".
func TestAnObjectGoesWhereItsTrustDomainSays(t *testing.T) {
	const owned = "TrustDomain//shop/uid"
	tenant := func(name string) *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchLabels: map[string]string{"tenant": name}}
	}
	all := from(xosv1.NamespacesFromAll, nil)
	for sentence, test := range map[string]struct {
		objects []runtime.Object
		names   string // the domain that the object names
		want    string
		reason  string
	}{
		"its own namespace's, where it names none":          {[]runtime.Object{domain("shop", in("team")), namespace("team", owned)}, "", "team", ""},
		"the one it names":                                  {[]runtime.Object{domain("shop", all), namespace("shop", owned)}, "shop", "shop", ""},
		"the one it names, under its namespace's name":      {[]runtime.Object{domain("shop", in("shop-eu"), all), namespace("shop-eu", owned)}, "shop", "shop-eu", ""},
		"no domain of that name":                            {nil, "shop", "", xosv1.ReasonReferenceNotFound},
		"no domain of its own namespace":                    {[]runtime.Object{domain("shop", all)}, "", "", xosv1.ReasonReferenceNotFound},
		"the managed one of its own namespace":              {[]runtime.Object{domain("a", in("team"), inventoried), domain("shop", in("team")), namespace("team", owned)}, "", "team", ""},
		"two records of its own namespace":                  {[]runtime.Object{domain("a", in("team"), inventoried), domain("b", in("team"), inventoried)}, "", "", xosv1.ReasonInvalid},
		"a domain that is suspended still says who may":     {[]runtime.Object{domain("shop", suspended), namespace("shop", owned)}, "shop", "", xosv1.ReasonNotAdmitted},
		"a domain that is suspended and admits":             {[]runtime.Object{domain("shop", all, suspended), namespace("shop", owned)}, "shop", "shop", ""},
		"a domain that is being deleted":                    {[]runtime.Object{domain("shop", all, ending), namespace("shop", owned)}, "shop", "", xosv1.ReasonReferenceNotFound},
		"a record of a namespace of Kubernetes":             {[]runtime.Object{domain("shop", in("kube-system"), all, inventoried), namespace("kube-system", "")}, "shop", "", xosv1.ReasonInvalid},
		"two domains of its own namespace":                  {[]runtime.Object{domain("a", in("team")), domain("b", in("team"))}, "", "", xosv1.ReasonInvalid},
		"a domain that admits only its own by default":      {[]runtime.Object{domain("shop"), namespace("shop", owned)}, "shop", "", xosv1.ReasonNotAdmitted},
		"a domain that admits only its own":                 {[]runtime.Object{domain("shop", from(xosv1.NamespacesFromSame, nil)), namespace("shop", owned)}, "shop", "", xosv1.ReasonNotAdmitted},
		"a domain that selects the object's namespace":      {[]runtime.Object{domain("shop", from(xosv1.NamespacesFromSelector, tenant("team"))), namespace("shop", owned), namespace("team", "")}, "shop", "shop", ""},
		"a domain that selects another namespace":           {[]runtime.Object{domain("shop", from(xosv1.NamespacesFromSelector, tenant("other"))), namespace("shop", owned), namespace("team", "")}, "shop", "", xosv1.ReasonNotAdmitted},
		"a domain whose selector selects nothing":           {[]runtime.Object{domain("shop", from(xosv1.NamespacesFromSelector, nil)), namespace("shop", owned), namespace("team", "")}, "shop", "", xosv1.ReasonNotAdmitted},
		"a domain whose selector has no meaning":            {[]runtime.Object{domain("shop", from(xosv1.NamespacesFromSelector, &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "?"}}}))}, "shop", "", xosv1.ReasonInvalid},
		"a domain whose namespace is still to be made":      {[]runtime.Object{domain("shop", all)}, "shop", "", xosv1.ReasonReferenceNotFound},
		"a domain whose namespace is somebody else's":       {[]runtime.Object{domain("shop", all), namespace("shop", "")}, "shop", "", xosv1.ReasonReferenceNotFound},
		"a domain whose namespace was a predecessor's":      {[]runtime.Object{domain("shop", all), namespace("shop", "TrustDomain//shop/earlier")}, "shop", "", xosv1.ReasonReferenceNotFound},
		"an inventoried domain, whoever made its namespace": {[]runtime.Object{domain("shop", all, inventoried), namespace("shop", "")}, "shop", "shop", ""},
		"a domain that can't be decoded":                    {[]runtime.Object{domain("shop", all, undecodable), namespace("shop", owned)}, "shop", "", xosv1.ReasonReferenceNotFound},
		"its own namespace's, which can't be decoded":       {[]runtime.Object{domain("shop", in("team"), undecodable), namespace("team", owned)}, "", "", xosv1.ReasonReferenceNotFound},
		"a domain whose namespace ends": {[]runtime.Object{domain("shop", all), func() *corev1.Namespace {
			n, now := namespace("shop", owned), metav1.Now()
			n.DeletionTimestamp = &now
			return n
		}()}, "shop", "", xosv1.ReasonReferenceNotFound},
	} {
		t.Run(sentence, func(t *testing.T) {
			c := holding(t, test.objects...)
			place, err := Place(c, &xosv1.Principal{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "web"}}, test.names)
			outcome, _ := verdict.FromErrors(err)
			assert.Equal(t, test.reason, outcome.Reason, outcome.Message)
			assert.Equal(t, test.want, place)
		})
	}
}
