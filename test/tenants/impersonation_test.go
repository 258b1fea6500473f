package tenants

// A blob acts as an account that a Principal of ours made, or as the default one of
// its namespace. Pods run as such an account too.

// privileged is an account that another client made and gave all rights in a
// namespace.
func privileged(namespace, name string) string {
	return account(namespace, name) + mayAll(namespace, name)
}

func mayAll(namespace, name string) string {
	return native("rbac.authorization.k8s.io/v1", "RoleBinding", namespace, name+"-may-all",
		"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}, subjects: [{kind: ServiceAccount, namespace: "+namespace+", name: "+name+"}]")
}

// loot is what no attacker may get made.
const loot = "{apiVersion: v1, kind: ConfigMap, metadata: {name: loot}}"

// acts is a blob with a principal, and more of its spec.
func acts(principal string, spec ...string) step {
	return applies(blob("blob", loot, append(spec, "principal: "+principal)...))
}

// none asserts that a blob that was applied got nothing.
var none = []step{refused("KubernetesResourceInstance blob"), absent("ConfigMap loot")}

// worker is a Principal whose blob is in force.
func worker() []step {
	return []step{
		applies("{kind: Principal, metadata: {name: worker}, spec: {roles: [edit]}}"), ready("Principal worker"),
		acts("worker"), ready("KubernetesResourceInstance blob"),
	}
}

var unprincipled = blob("blob", loot, "trustDomain: $shared")

var impersonations = []attack{
	{
		name:  "a record of an account is the principal of a blob",
		given: privileged("$mine", "boss"),
		does:  []step{applies("{kind: Principal, metadata: {name: boss}, spec: {xosManaged: false}}"), settles, acts("boss")},
		holds: none,
	},
	{
		name:  "a record that mirrors an account is the principal of a blob",
		given: privileged("$mine", "boss"),
		does: []step{
			applies(`{kind: Principal, metadata: {name: boss, labels: {xos.opencord.org/pulled: 'true'}, annotations: {xos.opencord.org/mirrors: ServiceAccount.v1/$mine/boss/$uid(ServiceAccount $mine/boss)}}, spec: {xosManaged: false}}`),
			settles, acts("boss"),
		},
		holds: none,
	},
	{
		name:  "a record is of another's account in a domain that both use",
		given: privileged("$shared", "boss"),
		does: []step{
			applies("{kind: Principal, metadata: {name: boss}, spec: {xosManaged: false, trustDomain: $shared}}"), settles, acts("boss", "trustDomain: $shared"),
		},
		holds: []step{refused("KubernetesResourceInstance blob"), absent("ConfigMap $shared/loot")},
	},
	{
		name:  "a record is of a principal of another's in a domain that both use",
		given: "{kind: Principal, metadata: {name: boss}, spec: {trustDomain: $shared, roles: [edit]}}",
		does: []step{
			applies("{kind: Principal, metadata: {name: boss}, spec: {xosManaged: false, trustDomain: $shared}}"), settles, acts("boss", "trustDomain: $shared"),
		},
		holds: []step{refused("KubernetesResourceInstance blob"), absent("ConfigMap $shared/loot")},
	},
	{
		name:  "an account is adopted and acted as",
		given: privileged("$mine", "boss"),
		does:  []step{applies("{kind: Principal, metadata: {name: boss}, spec: {adopt: IfUnowned}}"), settles, acts("boss")},
		holds: none,
	},
	{
		name:   "an account is adopted where the operator lets all be adopted",
		domain: "adoption: All",
		given:  privileged("$mine", "boss"),
		does:   []step{applies("{kind: Principal, metadata: {name: boss}, spec: {adopt: IfUnowned}}"), settles, acts("boss")},
		holds:  none,
	},
	{
		name:     "an account that may be adopted is acted as, though no principal made it",
		given:    `{apiVersion: v1, kind: ServiceAccount, metadata: {namespace: $mine, name: boss, annotations: {xos.opencord.org/adoptable: 'true'}}}` + "\n" + mayAll("$mine", "boss"),
		consents: []string{"ServiceAccount $mine/boss"},
		does:     []step{applies("{kind: Principal, metadata: {name: boss}, spec: {adopt: IfUnowned}}"), settles, acts("boss")},
		holds:    none,
	},
	{
		name:  "the default account is named",
		given: mayAll("$mine", "default"),
		does:  []step{acts("default")},
		holds: none,
	},
	{
		name:  "an account is named that no principal is of",
		given: privileged("$mine", "boss"),
		does:  []step{acts("boss")},
		holds: none,
	},
	{
		name:  "a record is of the default account",
		given: mayAll("$mine", "default"),
		does:  []step{applies("{kind: Principal, metadata: {name: default}, spec: {xosManaged: false}}"), settles, acts("default")},
		holds: none,
	},
	{
		name:  "an account is named with its namespace",
		does:  []step{acts("'system:serviceaccount:kube-system:generic-garbage-collector'")},
		holds: []step{rejected("KubernetesResourceInstance blob")},
	},
	{
		name:  "an account's name leads up a path",
		does:  []step{acts("../xos-system/xos-controller-manager")},
		holds: []step{rejected("KubernetesResourceInstance blob")},
	},
	{
		name:  "the manager's account is named",
		does:  []step{acts("xos-controller-manager")},
		holds: none,
	},
	{
		name:  "a blob without a principal acts as what another's acts as",
		given: "{kind: Principal, metadata: {name: bystander}, spec: {trustDomain: $shared}}\n" + mayAll("$shared", "xos-default-$victim") + mayAll("$shared", "xos-default"),
		does:  []step{applies(unprincipled)},
		holds: []step{refused("KubernetesResourceInstance blob"), absent("ConfigMap $shared/loot")},
	},
	{
		name:  "a blob without a principal acts as the default account",
		given: mayAll("$mine", "default"),
		does:  []step{applies(blob("blob", loot))},
		holds: none,
	},
	{
		name:  "another's principal is named in a domain that both use",
		given: "{kind: Principal, metadata: {name: boss}, spec: {trustDomain: $shared, roles: [edit]}}",
		does:  []step{acts("boss", "trustDomain: $shared")},
		holds: []step{refused("KubernetesResourceInstance blob"), absent("ConfigMap $shared/loot")},
	},
	{
		name:  "a blob is deleted as an account that its text names last",
		given: privileged("$mine", "boss"),
		does: append(worker(),
			patches("KubernetesResourceInstance blob", `{"spec":{"principal":"boss"}}`), deletes("KubernetesResourceInstance blob")),
	},
	{
		name:  "a blob is handed back as an account that its text names last",
		given: privileged("$mine", "boss"),
		does: append(worker(),
			patches("KubernetesResourceInstance blob", `{"spec":{"principal":"boss","xosManaged":false}}`), settles, deletes("KubernetesResourceInstance blob")),
	},
	{
		name: "a blob is deleted as the manager",
		does: append(worker(),
			patches("KubernetesResourceInstance blob", `{"spec":{"principal":"xos-controller-manager"}}`), deletes("KubernetesResourceInstance blob")),
	},
	{
		name: "a blob is deleted after its principal",
		does: append(worker(),
			deletes("Principal worker"), orders("KubernetesResourceInstance blob"), refused("KubernetesResourceInstance blob", "Forbidden"),
			patches("KubernetesResourceInstance blob", `{"spec":{"deletionPolicy":"Orphan"}}`), gone("KubernetesResourceInstance blob")),
		holds: []step{is("ConfigMap loot", "metadata.name", "loot")},
	},
	{
		name: "an account is put in the place of a principal's",
		does: append(worker(),
			patches("Principal worker", `{"spec":{"suspend":true}}`), settles,
			operatorDeletes("ServiceAccount $mine/worker"), operator(privileged("$mine", "worker")),
			applies(blob("second", "{apiVersion: v1, kind: ConfigMap, metadata: {name: loot-2}}", "principal: worker"))),
		holds: []step{refused("KubernetesResourceInstance second"), absent("ConfigMap loot-2")},
	},
	{
		name: "a principal becomes a record once its account was used",
		does: append(worker(),
			patches("Principal worker", `{"spec":{"deletionPolicy":"Orphan"}}`), settles, deletes("Principal worker"),
			applies("{kind: Principal, metadata: {name: worker}, spec: {xosManaged: false}}"), settles,
			applies(blob("second", "{apiVersion: v1, kind: ConfigMap, metadata: {name: loot-2}}", "principal: worker"))),
		holds: []step{refused("KubernetesResourceInstance second"), absent("ConfigMap loot-2")},
	},
	{
		name:  "a principal of one domain acts in another",
		does:  []step{applies("{kind: Principal, metadata: {name: worker}, spec: {trustDomain: $shared, roles: [edit]}}"), ready("Principal worker"), acts("worker")},
		holds: none,
	},
	{
		name:  "pods run as an account of a record",
		given: privileged("$mine", "boss"),
		does:  []step{applies("{kind: Principal, metadata: {name: boss}, spec: {xosManaged: false}}"), settles, applies(deployment("web", "", "principal: boss"))},
		holds: []step{refused("Slice web"), nobodyRunsAs("boss")},
	},
	{
		name:  "an instance runs as an account of a record",
		given: privileged("$mine", "boss"),
		does: []step{
			applies("{kind: Principal, metadata: {name: boss}, spec: {xosManaged: false}}"), settles,
			applies(manifest("Slice", "web", "principal: boss") + instance("one", "slice: web")),
		},
		holds: []step{refused("KubernetesServiceInstance one"), nobodyRunsAs("boss")},
	},
	{
		name:  "pods run as an account that a template names",
		given: privileged("$mine", "boss"),
		does:  []step{applies(deployment("web", "serviceAccountName: boss"))},
		holds: []step{rejected("Slice web"), nobodyRunsAs("boss")},
	},
	{
		name:  "an instance runs as an account that a template names by its old name",
		given: privileged("$mine", "boss"),
		does:  []step{applies(instance("one", "template: {spec: {serviceAccount: boss, containers: []}}"))},
		holds: []step{rejected("KubernetesServiceInstance one"), nobodyRunsAs("boss")},
	},
	{
		name:  "pods run as another's principal in a domain that both use",
		given: "{kind: Principal, metadata: {name: boss}, spec: {trustDomain: $shared}}",
		does: []step{
			applies("{kind: Principal, metadata: {name: boss}, spec: {xosManaged: false, trustDomain: $shared}}"), settles,
			applies(deployment("web", "", "principal: boss", "trustDomain: $shared")),
		},
		holds: []step{refused("Slice web"), nobodyRunsAs("boss")},
	},
}
