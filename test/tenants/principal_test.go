package tenants

import "fmt"

// A principal is who a tenant's pods and blobs act as.

// bound is a Principal whose role is in force.
func bound(spec string) []step { return boundIn("$mine", spec) }

func boundIn(domain, spec string) []step {
	return []step{
		applies("{kind: Principal, metadata: {name: worker}, spec: {roles: [edit]" + comma(spec) + "}}"),
		ready("Principal worker"), bindingsIn(domain, "worker", 1),
	}
}

// inShared is bound, in the domain that all share.
func inShared() []step { return boundIn("$shared", "trustDomain: $shared") }

// changed is a patch of a principal that is bound.
func changed(spec string) step { return patches("Principal worker", "{\"spec\":{"+spec+"}}") }

// forbidsRoles is the operator taking a role from a domain.
func forbidsRoles(domain string) step {
	return operatorPatches("TrustDomain /"+domain, `{"spec":{"allowedRoles":["view"]}}`)
}

var admitsNobody = operatorPatches("TrustDomain /$shared", `{"spec":{"allowedNamespaces":{"from":"Same"}}}`)

// unbound asserts that a principal's bindings end.
var unbound = bindings("worker", 0)

var principals = []attack{
	{
		name:  "a role is asked for that the domain does not allow",
		does:  []step{applies("{kind: Principal, metadata: {name: worker}, spec: {roles: [cluster-admin]}}")},
		holds: []step{refused("Principal worker", "NotAdmitted"), unbound},
	},
	{
		name:  "a role is hidden behind one that is allowed",
		does:  []step{applies("{kind: Principal, metadata: {name: worker}, spec: {roles: [edit, admin]}}")},
		holds: []step{refused("Principal worker", "NotAdmitted"), unbound},
	},
	{
		name:  "a role's name leads up a path",
		does:  []step{applies("{kind: Principal, metadata: {name: worker}, spec: {roles: [../clusterroles/cluster-admin]}}")},
		holds: []step{rejected("Principal worker")},
	},
	{
		name:  "a role is our own",
		does:  []step{applies("{kind: Principal, metadata: {name: worker}, spec: {roles: [xos-controller-manager]}}")},
		holds: []step{refused("Principal worker", "NotAdmitted"), unbound},
	},
	{
		name:  "the default account becomes a principal",
		does:  []step{applies("{kind: Principal, metadata: {name: default}, spec: {roles: [edit]}}")},
		holds: []step{rejected("Principal default")},
	},
	{
		name:  "a principal is put into another's domain",
		given: configMap("$victim", "theirs"),
		does:  []step{applies("{kind: Principal, metadata: {name: worker}, spec: {trustDomain: $victim, roles: [edit]}}")},
		holds: []step{refused("Principal worker", "NotAdmitted"), absent("ServiceAccount $victim/worker")},
	},
	{
		name:   "a principal takes the name of another's in a domain that both use",
		shared: "",
		given:  "{kind: Principal, metadata: {name: worker}, spec: {trustDomain: $shared}}",
		does:   []step{applies("{kind: Principal, metadata: {name: worker}, spec: {trustDomain: $shared, adopt: IfUnowned, roles: [edit]}}")},
		holds:  []step{refused("Principal worker", "NotOwned"), bindingsIn("$shared", "worker", 0)},
		hides:  []string{"$victim"},
	},
	{
		name:  "a principal squats the account that another's blobs act as",
		given: "{kind: Principal, metadata: {name: bystander}, spec: {trustDomain: $shared}}",
		does:  []step{applies("{kind: Principal, metadata: {name: xos-default-$victim}, spec: {trustDomain: $shared, roles: [edit]}}")},
		holds: []step{refused("Principal xos-default-$victim"), absent("ServiceAccount $shared/xos-default-$victim")},
	},
	{
		name:  "a role is kept by suspension",
		does:  append(bound(""), changed(`"suspend":true`), settles, forbidsRoles("$mine")),
		holds: []step{unbound},
	},
	{
		name:  "a role is kept by a hand-back",
		does:  append(bound(""), changed(`"xosManaged":false`), settles, forbidsRoles("$mine")),
		holds: []step{unbound},
	},
	{
		name:  "a role is kept by the policy Orphan",
		does:  append(bound("deletionPolicy: Orphan"), deletes("Principal worker")),
		holds: []step{unbound},
	},
	{
		name:  "a role that is allowed no longer is kept by the policy Orphan",
		does:  append(bound("deletionPolicy: Orphan"), forbidsRoles("$mine"), deletes("Principal worker")),
		holds: []step{unbound},
	},
	{
		name:   "roles are kept after a domain has ended that leaves its namespace",
		domain: "deletionPolicy: Orphan", unserved: true,
		does: []step{
			applies(many(12, "{kind: Principal, metadata: {name: worker-#}, spec: {roles: [edit]}}\n")),
			func(c *cast) {
				for i := range 12 {
					ready(fmt.Sprint("Principal worker-", i))(c)
				}
			},
			operatorDeletes("TrustDomain /$mine"),
		},
		holds: []step{
			is("Namespace /$mine", "metadata.deletionTimestamp", "<nil>"),
			func(c *cast) {
				for i := range 12 {
					bindings(fmt.Sprint("worker-", i), 0)(c)
				}
			},
		},
	},
	{
		name:  "a role is kept after the domain closes",
		does:  append(inShared(), admitsNobody),
		holds: []step{bindingsIn("$shared", "worker", 0)},
	},
	{
		name:  "a role is kept by suspension after the domain closes",
		does:  append(inShared(), changed(`"suspend":true`), settles, admitsNobody),
		holds: []step{bindingsIn("$shared", "worker", 0)},
	},
	{
		name:  "a role is kept by a hand-back after the domain closes",
		does:  append(inShared(), changed(`"xosManaged":false`), settles, admitsNobody),
		holds: []step{bindingsIn("$shared", "worker", 0)},
	},
	{
		name:  "a role is kept by deletion after the domain closes",
		does:  append(inShared(), changed(`"deletionPolicy":"Orphan"`), settles, admitsNobody, deletes("Principal worker")),
		holds: []step{bindingsIn("$shared", "worker", 0)},
	},
	{
		name:  "a role is bound while suspended",
		does:  []step{applies("{kind: Principal, metadata: {name: worker}, spec: {suspend: true, roles: [cluster-admin]}}")},
		holds: []step{unbound},
	},
	{
		name:  "a role is bound by a record",
		given: account("$mine", "worker"),
		does:  []step{applies("{kind: Principal, metadata: {name: worker}, spec: {xosManaged: false, roles: [edit]}}")},
		holds: []step{unbound},
	},
	{
		name:  "a role is bound to an account that was adopted without a word",
		given: account("$mine", "worker"),
		does:  []step{applies("{kind: Principal, metadata: {name: worker}, spec: {adopt: IfUnowned, roles: [edit]}}")},
		holds: []step{refused("Principal worker", "NotOwned"), unbound},
	},
}
