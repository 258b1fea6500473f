package oracle

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/hack/plane/audit"
)

const self = "system:serviceaccount:xos-system:xos-controller-manager"

func env() Env {
	return Env{
		Manager: self, ManagerNamespace: "xos-system",
		Domains:  map[string]Domain{"shop": {}, "mall": {Admits: []string{"shop"}}},
		Consents: []Object{{Resource: "configmaps", Namespace: "shop", Name: "given"}},
	}
}

// asked is a request of the manager: "create core/configmaps/shop/settings 201",
// with a group, resource, namespace and name that may each be empty.
func asked(line string) audit.Event {
	words := strings.Fields(line)
	parts := strings.Split(words[1], "/")
	resource, subresource, _ := strings.Cut(parts[1], ":")
	e := audit.Event{
		Verb: words[0], User: audit.User{Username: self}, RequestURI: "/" + words[1],
		ObjectRef:      &audit.Object{APIGroup: parts[0], Resource: resource, Subresource: subresource, Namespace: parts[2], Name: parts[3]},
		ResponseStatus: &audit.Response{Code: 200},
	}
	if words[0] == "create" {
		e.ResponseStatus.Code = 201
	}
	return e
}

func answered(e audit.Event, code int) audit.Event {
	e.ResponseStatus = &audit.Response{Code: code}
	return e
}

func as(e audit.Event, user string) audit.Event {
	e.ImpersonatedUser = &audit.User{Username: user}
	return e
}

func by(e audit.Event, user string) audit.Event {
	e.User.Username = user
	return e
}

// after is a request that came some time later.
func after(e audit.Event, later time.Duration) audit.Event {
	e.Received.Time = e.Received.Add(later)
	return e
}

// over is the end of a watch that lasted for so long.
func over(e audit.Event, lasted time.Duration) audit.Event {
	e.Stage, e.Logged.Time = "ResponseComplete", e.Received.Add(lasted)
	return e
}

func at(e audit.Event, uri string) audit.Event {
	e.RequestURI = uri
	return e
}

func TestOracle(t *testing.T) {
	runner := "system:serviceaccount:shop:runner"
	made := asked("create /serviceaccounts/shop/runner")
	for name, c := range map[string]struct {
		log []audit.Event
		// breaks is a part of the rule that the last event breaks; empty for none.
		breaks string
	}{
		"a child in a domain":                {[]audit.Event{asked("create /configmaps/shop/a")}, ""},
		"a child elsewhere":                  {[]audit.Event{asked("create /configmaps/default/a")}, "in namespaces of trust domains"},
		"a child elsewhere, refused":         {[]audit.Event{answered(asked("create /configmaps/default/a"), 403)}, "in namespaces of trust domains"},
		"another client's elsewhere":         {[]audit.Event{by(asked("create /configmaps/default/a"), "admin")}, ""},
		"a status in any namespace":          {[]audit.Event{asked("patch xos.opencord.org/slices:status/elsewhere/a")}, ""},
		"an event in any namespace":          {[]audit.Event{asked("create events.k8s.io/events/elsewhere/a")}, ""},
		"the lease":                          {[]audit.Event{asked("update coordination.k8s.io/leases/xos-system/xos-controller-manager")}, ""},
		"an event in the manager's":          {[]audit.Event{asked("create events.k8s.io/events/xos-system/a")}, ""},
		"another Secret of the manager's":    {[]audit.Event{asked("create /secrets/xos-system/a")}, "in the manager's own namespace"},
		"an event in kube-system":            {[]audit.Event{asked("create events.k8s.io/events/kube-system/a")}, "in kube-*"},
		"a domain's namespace":               {[]audit.Event{asked("create /namespaces/shop/shop")}, ""},
		"another namespace":                  {[]audit.Event{asked("create /namespaces/default/default")}, "of what has no namespace"},
		"a CRD":                              {[]audit.Event{asked("create apiextensions.k8s.io/customresourcedefinitions//a")}, "of what has no namespace"},
		"a review":                           {[]audit.Event{asked("create authorization.k8s.io/selfsubjectaccessreviews//")}, ""},
		"a quota":                            {[]audit.Event{asked("create /resourcequotas/shop/a")}, "custom resources materialize"},
		"a deletion of ours":                 {[]audit.Event{asked("create /configmaps/shop/a"), asked("delete /configmaps/shop/a")}, ""},
		"a deletion of what the tenant made": {[]audit.Event{as(asked("create /configmaps/shop/a"), "system:serviceaccount:shop:xos-default"), asked("delete /configmaps/shop/a")}, ""},
		"a deletion of another's": {[]audit.Event{
			by(asked("create /configmaps/shop/a"), "admin"), asked("delete /configmaps/shop/a"),
		}, "was created by the manager"},
		"a deletion of what was never seen":          {[]audit.Event{asked("delete /configmaps/shop/a")}, "was created by the manager"},
		"a deletion of what was never seen, 404":     {[]audit.Event{answered(asked("delete /configmaps/shop/a"), 404)}, ""},
		"a change of what was made again":            {[]audit.Event{asked("create /configmaps/shop/a"), by(asked("create /configmaps/shop/a"), "admin"), asked("patch /configmaps/shop/a")}, "was created by the manager"},
		"an adoption with consent":                   {[]audit.Event{by(asked("create /configmaps/shop/given"), "admin"), asked("patch /configmaps/shop/given")}, ""},
		"an apply that creates":                      {[]audit.Event{answered(asked("patch /configmaps/shop/a"), 201), asked("patch /configmaps/shop/a")}, ""},
		"a deletion of our record":                   {[]audit.Event{asked("create xos.opencord.org/slices/elsewhere/a"), asked("delete xos.opencord.org/slices/elsewhere/a")}, ""},
		"a deletion of a user's custom resource":     {[]audit.Event{by(asked("create xos.opencord.org/slices/shop/a"), "tenant"), asked("delete xos.opencord.org/slices/shop/a")}, "only records"},
		"a deletion of a collection":                 {[]audit.Event{asked("deletecollection /pods/shop/")}, "as a collection"},
		"a principal's account":                      {[]audit.Event{made, as(asked("create /configmaps/shop/a"), runner)}, ""},
		"an account that was there":                  {[]audit.Event{by(made, "admin"), as(asked("create /configmaps/shop/a"), runner)}, "an account that is acted as was created"},
		"an account that was made again":             {[]audit.Event{made, by(made, "admin"), as(asked("get /configmaps/shop/a"), runner)}, "an account that is acted as was created"},
		"a watch that ended when its account went":   {[]audit.Event{made, by(after(made, time.Minute), "admin"), over(as(asked("watch /configmaps/shop/"), runner), time.Minute)}, ""},
		"a watch that went on when its account went": {[]audit.Event{made, by(after(made, time.Minute), "admin"), over(as(asked("watch /configmaps/shop/"), runner), time.Hour)}, "an account that is acted as was created"},
		"an account that a blob made":                {[]audit.Event{as(made, "system:serviceaccount:shop:xos-default"), as(asked("get /configmaps/shop/a"), runner)}, "an account that is acted as was created"},
		"the default account":                        {[]audit.Event{as(asked("create /configmaps/shop/a"), "system:serviceaccount:shop:xos-default")}, ""},
		"the default account of another domain":      {[]audit.Event{as(asked("get /configmaps/elsewhere/a"), "system:serviceaccount:elsewhere:xos-default")}, "an account that is acted as was created"},
		"the default account of an admitted one":     {[]audit.Event{as(asked("get /configmaps/mall/a"), "system:serviceaccount:mall:xos-default-shop")}, ""},
		"the default account of a stranger":          {[]audit.Event{as(asked("get /configmaps/mall/a"), "system:serviceaccount:mall:xos-default-den")}, "an account that is acted as was created"},
		"a user that is no account":                  {[]audit.Event{as(asked("get /configmaps/shop/a"), "admin")}, "an account that is acted as was created"},
		"the manager's own account":                  {[]audit.Event{as(asked("get /configmaps/xos-system/a"), self)}, "an account that is acted as was created"},
		"an account abroad":                          {[]audit.Event{made, as(answered(asked("get /configmaps/mall/a"), 403), runner)}, "stays in its own namespace"},
		"an account at what has no namespace":        {[]audit.Event{made, as(answered(asked("create rbac.authorization.k8s.io/clusterroles//a"), 403), runner)}, ""},
		"our Secrets, everywhere":                    {[]audit.Event{at(asked("list /secrets//"), "/api/v1/secrets?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dxos.opencord.org&limit=500")}, ""},
		"all Secrets":                                {[]audit.Event{at(asked("list /secrets//"), "/api/v1/secrets?limit=500")}, "Secrets are read"},
		"a Secret of a domain":                       {[]audit.Event{asked("get /secrets/shop/a")}, ""},
		"a Secret of a namespace of no domain":       {[]audit.Event{asked("watch /secrets/elsewhere/a")}, "Secrets are read"},
		"a Secret as an account, wherever it may":    {[]audit.Event{made, as(asked("get /secrets/shop/a"), runner)}, ""},
		"a token": {[]audit.Event{asked("create /serviceaccounts:token/shop/runner")}, "no token"},
	} {
		t.Run(name, func(t *testing.T) {
			found := Judge(env(), c.log)
			if c.breaks == "" {
				require.Empty(t, found)
				return
			}
			require.NotEmpty(t, found)
			var all []string
			for _, v := range found {
				require.Equal(t, c.log[len(c.log)-1], v.Event)
				all = append(all, v.Rule)
			}
			require.Contains(t, strings.Join(all, "\n"), c.breaks)
		})
	}
}

func TestAViolationIsOfTheNamespaceItIsIn(t *testing.T) {
	all := Judge(env(), []audit.Event{
		asked("create /configmaps/default/a"),
		asked("create /namespaces/other/other"),
		as(asked("get /configmaps//a"), "system:serviceaccount:den:xos-default"),
	})
	require.Len(t, all, 3)
	require.Len(t, In(all, "default"), 1)
	require.Len(t, In(all, "other", "den"), 2)
	require.Empty(t, In(all, "shop"))
	require.Equal(t, "native objects are written in namespaces of trust domains only: create //configmaps/default/a by "+self+": 201", all[0].String())
}
