package oracle

import (
	"slices"
	"strings"
	"time"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// rule is what the manager's requests must keep to.
type rule struct {
	sentence string
	breaks   func(request) bool
}

// rules are those of trust that a log can show to be broken.
var rules = []rule{
	{"native objects are written in namespaces of trust domains only", outsideOfDomains},
	{"nothing native is written in kube-* and in the manager's own namespace, but for its Lease and events", inSystemNamespace},
	{"of what has no namespace, only the namespaces of trust domains are written", clusterScoped},
	{"only kinds that custom resources materialize are written", foreignKind},
	{"what is changed or deleted was created by the manager, or its keeper has consented", notOurs},
	{"of custom resources, only records that the manager made are deleted", notOurRecord},
	{"nothing is deleted as a collection", asACollection},
	{"an account that is acted as was created by the manager in a trust domain, or is the domain's default", unlawfulAccount},
	{"an account that is acted as stays in its own namespace", abroad},
	{"Secrets are read by the manager's own label, or in namespaces that a trust domain has or admits", foreignSecret},
	{"no token is asked for, and no pod entered", enters},
}

// materialized are the native kinds that custom resources become.
var materialized = []string{
	"configmaps", "secrets", "services", "serviceaccounts", "pods", "namespaces", "rolebindings",
	"deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs",
}

func outsideOfDomains(r request) bool {
	return r.isOwn() && r.mutates() && r.isNative() && !r.isReport() && !r.isLease() &&
		r.object().Namespace != "" && !r.isDomain(r.object().Namespace)
}

func inSystemNamespace(r request) bool {
	namespace := r.object().Namespace
	if !r.mutates() || !r.isNative() {
		return false
	}
	own := namespace == r.env.ManagerNamespace
	if own && r.isOwn() && (r.isReport() || r.isLease()) {
		return false
	}
	return own || strings.HasPrefix(namespace, "kube-")
}

func clusterScoped(r request) bool {
	o := r.object()
	if !r.isOwn() || !r.mutates() || !r.isNative() || o.Namespace != "" {
		return false
	}
	return o.Resource != "namespaces" || !r.isDomain(o.Name)
}

func foreignKind(r request) bool {
	return r.isOwn() && r.mutates() && r.isNative() && !r.isReport() && !r.isLease() && !slices.Contains(materialized, r.object().Resource)
}

func notOurs(r request) bool {
	if !r.mutates() || !r.isNative() || !r.hadEffect() || r.created() || r.Verb == "create" || r.isReport() || r.isLease() {
		return false
	}
	made := r.history[r.object()].maker
	return made != manager && made != taken && !slices.Contains(r.env.Consents, r.object())
}

func notOurRecord(r request) bool {
	return r.object().Group == xosv1.GroupName && r.Verb == "delete" && r.hadEffect() && r.history[r.object()].maker != manager
}

func asACollection(r request) bool { return r.Verb == "deletecollection" }

func unlawfulAccount(r request) bool {
	if r.isOwn() {
		return false
	}
	account, ok := r.account()
	domain, in := r.env.Domains[account.Namespace]
	if !ok || !in || slices.Contains(r.ImpersonatedUser.Groups, "system:masters") {
		return true
	}
	if from, isDefault := strings.CutPrefix(account.Name, defaultAccount+"-"); isDefault && slices.Contains(domain.Admits, from) {
		return false
	}
	return account.Name != defaultAccount && r.history[account].maker != manager && !r.endsSoonAfter(r.history[account].at)
}

// leeway is how long a watch as an account may go on that is not the manager's any
// more: until the manager has noticed.
const leeway = 5 * time.Second

// endsSoonAfter returns whether the event is the end of a watch that began before a time,
// and ended soon after.
func (r request) endsSoonAfter(at time.Time) bool {
	return r.Verb == "watch" && r.Stage == "ResponseComplete" && r.Received.Time.Before(at) && r.Logged.Sub(at) < leeway
}

// defaultAccount is that of blobs without a principal.
const defaultAccount = "xos-default"

func abroad(r request) bool {
	account, ok := r.account()
	return ok && r.object().Namespace != "" && r.object().Namespace != account.Namespace
}

func foreignSecret(r request) bool {
	o := r.object()
	if !r.isOwn() || o.Resource != "secrets" || !slices.Contains([]string{"get", "list", "watch"}, r.Verb) {
		return false
	}
	if o.Namespace == "" {
		return !r.selects(xosv1.ManagedByLabel + "=" + xosv1.ManagedByValue)
	}
	return !r.isAdmitted(o.Namespace)
}

// entrances are the subresources by which one gets into a pod, or at a token.
var entrances = []string{"token", "exec", "attach", "portforward", "proxy", "ephemeralcontainers"}

func enters(r request) bool {
	return r.ObjectRef != nil && slices.Contains(entrances, r.ObjectRef.Subresource)
}

func (r request) isLease() bool {
	return r.object().Group == "coordination.k8s.io" && r.object().Resource == "leases" && r.object().Namespace == r.env.ManagerNamespace
}
