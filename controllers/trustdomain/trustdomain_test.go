package trustdomain

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

type domains []*xosv1.TrustDomain

type namespaces map[string]Namespace

// cluster is a Reader of these objects.
type cluster struct {
	domains    domains
	namespaces namespaces
	slice      *xosv1.Slice
}

func (c cluster) TrustDomain(name string) (*xosv1.TrustDomain, bool) {
	at := slices.IndexFunc(c.domains, func(d *xosv1.TrustDomain) bool { return d.Name == name && d.Status.Undecodable == "" })
	if at < 0 {
		return nil, false
	}
	return c.domains[at], true
}

func (c cluster) TrustDomainsOf(namespace string) []*xosv1.TrustDomain {
	return slices.DeleteFunc(slices.Clone(c.domains), func(d *xosv1.TrustDomain) bool { return desired.NamespaceOf(d) != namespace })
}

func (c cluster) Namespace(name string) (Namespace, bool) {
	n, ok := c.namespaces[name]
	return n, ok
}

func (c cluster) Slice(namespace, name string) (*xosv1.Slice, bool) {
	if c.slice == nil || c.slice.Namespace != namespace || c.slice.Name != name {
		return nil, false
	}
	return c.slice, true
}

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

func from(which xosv1.NamespacesFrom) func(*xosv1.TrustDomain) {
	return func(d *xosv1.TrustDomain) { d.Spec.AllowedNamespaces = &xosv1.AllowedNamespaces{From: which} }
}

func selecting(selector *metav1.LabelSelector) func(*xosv1.TrustDomain) {
	return func(d *xosv1.TrustDomain) {
		d.Spec.AllowedNamespaces = &xosv1.AllowedNamespaces{From: xosv1.NamespacesFromSelector, Selector: selector}
	}
}

// undecodable is what is left of a domain of which a field can't be decoded.
func undecodable(d *xosv1.TrustDomain) {
	d.Status.Undecodable = "spec.allowedNamespaces is not a value"
}

func inventoried(d *xosv1.TrustDomain) { d.Spec.XOSManaged = ptr.To(false) }

func suspended(d *xosv1.TrustDomain) { d.Spec.Suspend = true }

func ending(d *xosv1.TrustDomain) { d.DeletionTimestamp = ptr.To(metav1.Now()) }

// The authorization table: a resource of namespace "team" names a trust domain, or
// none, and gets a target namespace, or the reason why it has none.
func TestAuthorizationTable(t *testing.T) {
	const (
		waits, refused, denied = xosv1.ReasonReferenceNotFound, xosv1.ReasonInvalid, xosv1.ReasonNotAdmitted
	)
	tenant := func(name string) *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchLabels: map[string]string{"tenant": name}}
	}
	meaningless := &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "?"}}}
	anyNamed := &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "tenant", Operator: metav1.LabelSelectorOpExists}}}
	all, same := from(xosv1.NamespacesFromAll), from(xosv1.NamespacesFromSame)
	owned := Namespace{Owner: "uid"}
	team := Namespace{Labels: map[string]string{"tenant": "team"}}
	shop := namespaces{"shop": owned, "team": team}
	for sentence, test := range map[string]struct {
		domains    domains
		namespaces namespaces
		names      string // the domain that the object names
		want       string
		reason     string
	}{
		// Which domain.
		"its own namespace's, where it names none":     {domains{domain("shop", in("team"))}, namespaces{"team": owned}, "", "team", ""},
		"the one it names":                             {domains{domain("shop", all)}, shop, "shop", "shop", ""},
		"the one it names, under its namespace's name": {domains{domain("shop", in("shop-eu"), all)}, namespaces{"shop-eu": owned}, "shop", "shop-eu", ""},
		"the one it names, not its own namespace's":    {domains{domain("own", in("team")), domain("shop", all)}, shop, "shop", "shop", ""},
		"no domain of that name":                       {nil, nil, "shop", "", waits},
		"no domain of its own namespace":               {domains{domain("shop", all)}, nil, "", "", waits},
		"the managed one of its own namespace":         {domains{domain("a", in("team"), inventoried), domain("shop", in("team"))}, namespaces{"team": owned}, "", "team", ""},
		"two records of its own namespace":             {domains{domain("a", in("team"), inventoried), domain("b", in("team"), inventoried)}, nil, "", "", refused},
		"two domains of its own namespace":             {domains{domain("a", in("team")), domain("b", in("team"))}, nil, "", "", refused},
		"a domain that can't be decoded":               {domains{domain("shop", all, undecodable)}, shop, "shop", "", waits},
		"its own namespace's, which can't be decoded":  {domains{domain("shop", in("team"), undecodable)}, namespaces{"team": owned}, "", "", waits},
		"a domain that is being deleted":               {domains{domain("shop", all, ending)}, shop, "shop", "", waits},

		// Who is admitted.
		"a domain that admits only its own by default":  {domains{domain("shop")}, shop, "shop", "", denied},
		"a domain that admits only its own":             {domains{domain("shop", same)}, shop, "shop", "", denied},
		"its own, by name":                              {domains{domain("shop", in("team"), same)}, namespaces{"team": owned}, "shop", "team", ""},
		"a domain that selects the object's namespace":  {domains{domain("shop", selecting(tenant("team")))}, shop, "shop", "shop", ""},
		"a domain that selects by an expression":        {domains{domain("shop", selecting(anyNamed))}, shop, "shop", "shop", ""},
		"a domain that selects another namespace":       {domains{domain("shop", selecting(tenant("other")))}, shop, "shop", "", denied},
		"a selected namespace that is not known":        {domains{domain("shop", selecting(tenant("team")))}, namespaces{"shop": owned}, "shop", "", denied},
		"a domain whose selector selects nothing":       {domains{domain("shop", selecting(nil))}, shop, "shop", "", denied},
		"a domain whose selector has no meaning":        {domains{domain("shop", selecting(meaningless))}, shop, "shop", "", refused},
		"a way to admit that is not known":              {domains{domain("shop", from("Everybody"))}, shop, "shop", "", denied},
		"a domain that is suspended still says who may": {domains{domain("shop", suspended)}, shop, "shop", "", denied},
		"a domain that is suspended and admits":         {domains{domain("shop", all, suspended)}, shop, "shop", "shop", ""},
		"a record that does not admit":                  {domains{domain("shop", inventoried)}, shop, "shop", "", denied},

		// Whether the namespace is the domain's to have objects in.
		"a record of a namespace of Kubernetes":        {domains{domain("shop", in("kube-system"), all, inventoried)}, namespaces{"kube-system": {}}, "shop", "", refused},
		"a domain whose namespace is still to be made": {domains{domain("shop", all)}, nil, "shop", "", waits},
		"a domain whose namespace is another client's": {domains{domain("shop", all)}, namespaces{"shop": {}}, "shop", "", waits},
		"a domain whose namespace was a predecessor's": {domains{domain("shop", all)}, namespaces{"shop": {Owner: "earlier"}}, "shop", "", waits},
		"an inventoried domain, in any namespace":      {domains{domain("shop", all, inventoried)}, namespaces{"shop": {}}, "shop", "shop", ""},
		"a domain whose namespace ends":                {domains{domain("shop", all)}, namespaces{"shop": {Owner: "uid", Terminating: true}}, "shop", "", waits},
	} {
		t.Run(sentence, func(t *testing.T) {
			c := cluster{domains: test.domains, namespaces: test.namespaces}
			namespace, err := TargetNamespace(c, &xosv1.Principal{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "web"}}, test.names)
			reached, _ := outcome.FromErrors(err)
			assert.Equal(t, test.reason, reached.Reason, reached.Message)
			assert.Equal(t, test.want, namespace)
		})
	}
}

// What is in namespace "shop" may be deleted exactly while a managed domain has that.
func TestADomainHoldsItsNamespaceWhileItIsManaged(t *testing.T) {
	owned := namespaces{"shop": {Owner: "uid"}}
	for sentence, test := range map[string]struct {
		domains    domains
		namespaces namespaces
		reason     string
	}{
		"a domain":                           {domains{domain("shop")}, owned, ""},
		"a domain of another name":           {domains{domain("store", in("shop"))}, owned, ""},
		"a domain beside a record":           {domains{domain("a", in("shop"), inventoried), domain("shop")}, owned, ""},
		"two domains":                        {domains{domain("a", in("shop"), ending), domain("shop")}, owned, ""},
		"no domain":                          {nil, owned, xosv1.ReasonReferenceNotFound},
		"a domain of another namespace":      {domains{domain("shop", in("store"))}, owned, xosv1.ReasonReferenceNotFound},
		"a record":                           {domains{domain("shop", inventoried)}, owned, xosv1.ReasonReferenceNotFound},
		"a domain that is being deleted":     {domains{domain("shop", ending)}, owned, xosv1.ReasonReferenceNotFound},
		"a domain that has released it":      {domains{domain("shop")}, namespaces{"shop": {}}, xosv1.ReasonReferenceNotFound},
		"a domain that is to adopt it again": {domains{domain("shop")}, namespaces{"shop": {Owner: "earlier"}}, xosv1.ReasonReferenceNotFound},
		"a domain whose namespace ends":      {domains{domain("shop")}, namespaces{"shop": {Owner: "uid", Terminating: true}}, xosv1.ReasonReferenceNotFound},
		"a domain that can't be decoded":     {domains{domain("shop", undecodable)}, owned, xosv1.ReasonReferenceNotFound},
	} {
		t.Run(sentence, func(t *testing.T) {
			reached, _ := outcome.FromErrors(Holds(cluster{domains: test.domains, namespaces: test.namespaces}, "shop"))
			assert.Equal(t, test.reason, reached.Reason, reached.Message)
		})
	}
}

// An instance of namespace "team" goes where its slice's pods go.
func TestTargetNamespaceOfAnInstance(t *testing.T) {
	web := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "web"}, Spec: xosv1.SliceSpec{TrustDomain: "shop"}}
	c := cluster{
		domains:    domains{domain("shop", from(xosv1.NamespacesFromAll)), domain("own", in("team"))},
		namespaces: namespaces{"shop": {Owner: "uid"}, "team": {Owner: "uid"}}, slice: web,
	}
	instance := func(slice string) *xosv1.KubernetesServiceInstance {
		i := &xosv1.KubernetesServiceInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "web-0"}}
		i.Spec.Slice = slice
		return i
	}
	for slice, want := range map[string]string{"": "team", "web": "shop", "other": ""} {
		found, namespace, err := TargetNamespaceOfInstance(c, instance(slice))
		reached, failed := outcome.FromErrors(err)
		assert.Equal(t, want, namespace, slice)
		assert.Equal(t, slice == "web", found == web, slice)
		assert.Equal(t, want == "", failed && reached.Reason == xosv1.ReasonReferenceNotFound, slice)
	}
}
