package tenants

import "strings"

// What another client made is taken over only where a client that may change it, or the
// operator, has consented; and so only then is it deleted.

// adopts is a row in which a tenant takes over an object that is there, and deletes
// it then, without anyone's consent.
func adopts(name, given, manifest string) attack {
	kind, object := nameOf(manifest)
	return attack{
		name: name, given: given,
		does: []step{
			applies(manifest), settles,
			func(c *cast) { refused(kind+" "+object, "NotOwned", "Invalid")(c) },
			func(c *cast) {
				if c.refused[c.ref(mine, kind+" "+object)] == nil {
					deletes(kind + " " + object)(c)
				}
			},
		},
	}
}

// nameOf is the kind and name of a manifest in one line.
func nameOf(manifest string) (kind, name string) {
	_, rest, _ := strings.Cut(manifest, "kind: ")
	kind, rest, _ = strings.Cut(rest, ",")
	_, rest, _ = strings.Cut(rest, "name: ")
	name, _, _ = strings.Cut(rest, "}")
	return kind, name
}

// taking is the part of a spec that takes over, and deletes what it took over.
const taking = "xosManaged: true, adopt: IfUnowned, deletionPolicy: Delete"

const podOf = "selector: {matchLabels: {app: theirs}}, template: {metadata: {labels: {app: theirs}}, spec: {containers: [{name: main, image: example.com/none}]}}"

func workload(version, kind, more string) string {
	return native(version, kind, "$mine", "theirs", "spec: {"+more+"}")
}

// takes is a slice that takes a controller over as it is.
func takes(kind string) string {
	return manifest("Slice", "theirs", "controllerKind: "+kind+", "+taking)
}

const once = "template: {spec: {restartPolicy: Never, containers: [{name: main, image: example.com/none}]}}"

// consenting is a ConfigMap that may be taken over.
const consenting = "{apiVersion: v1, kind: ConfigMap, metadata: {namespace: $mine, name: theirs, annotations: {xos.opencord.org/adoptable: 'true'}}, data: {color: blue}}\n"

var takesConfigMap = manifest("KubernetesConfigMap", "theirs", taking+", data: {size: large}")

var adoptions = []attack{
	adopts("a ConfigMap", configMap("$mine", "theirs"), takesConfigMap),
	adopts("a Secret", secret("$mine", "theirs"), manifest("KubernetesSecret", "theirs", taking+", stringData: {password: guessed}")),
	adopts("an account", account("$mine", "theirs"), manifest("Principal", "theirs", taking)),
	adopts("a Deployment", workload("apps/v1", "Deployment", podOf), takes("Deployment")),
	adopts("a StatefulSet", workload("apps/v1", "StatefulSet", "serviceName: a, "+podOf), takes("StatefulSet")),
	adopts("a DaemonSet", workload("apps/v1", "DaemonSet", podOf), takes("DaemonSet")),
	adopts("a ReplicaSet", workload("apps/v1", "ReplicaSet", podOf), takes("ReplicaSet")),
	adopts("a Job", workload("batch/v1", "Job", "suspend: true, "+once), takes("Job")),
	adopts("a CronJob", workload("batch/v1", "CronJob", "schedule: '0 0 1 1 *', jobTemplate: {spec: {"+once+"}}"), takes("CronJob")),
	adopts("a Deployment with a template of the tenant's", workload("apps/v1", "Deployment", podOf), deployment("theirs", "", taking)),
	adopts("a Service", workload("v1", "Service", "ports: [{port: 80}], selector: {app: theirs}"),
		manifest("Service", "theirs", taking)+manifest("Slice", "app", "service: theirs")+manifest("ServicePort", "web", "service: theirs, internalPort: 80")),
	adopts("a ConfigMap that says it may not", strings.Replace(consenting, "'true'", "'false'", 1), takesConfigMap),
	adopts("a ConfigMap that has no word for it", strings.Replace(consenting, "'true'", "''", 1), takesConfigMap),
	adopts("what another made in a domain that both use", manifest("KubernetesConfigMap", "theirs", "trustDomain: $shared, data: {color: blue}"),
		manifest("KubernetesConfigMap", "theirs", "trustDomain: $shared, "+taking+", data: {color: red}")),
	{
		name:  "a Pod, by way of its record",
		given: workload("v1", "Pod", "containers: [{name: main, image: example.com/none}]"),
		does:  []step{handsOver("theirs")},
		holds: []step{refused("KubernetesServiceInstance theirs", "NotOwned"), deletesIfPresent("KubernetesServiceInstance theirs")},
	},
	{
		name:  "a ConfigMap through a blob",
		given: configMap("$mine", "theirs"),
		does: []step{
			applies(editor), ready("Principal editor"),
			applies(blob("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: theirs}, data: {size: large}}", asEditor, taking)),
		},
		holds: []step{refused("KubernetesResourceInstance blob", "NotOwned"), deletes("KubernetesResourceInstance blob")},
	},
	{
		name:  "a RoleBinding through a blob, with which it would keep rights",
		given: native("rbac.authorization.k8s.io/v1", "RoleBinding", "$mine", "theirs", "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}"),
		does: []step{
			applies(editor), ready("Principal editor"),
			applies(blob("blob", "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: theirs}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}, subjects: [{kind: ServiceAccount, name: editor, namespace: $mine}]}", asEditor, taking)),
		},
		holds: []step{refused("KubernetesResourceInstance blob"), deletes("KubernetesResourceInstance blob")},
	},
	{
		name: "the cluster's certificates",
		does: []step{applies(manifest("KubernetesConfigMap", "kube-root-ca.crt", taking+", data: {ca.crt: forged}"))},
		holds: []step{
			refused("KubernetesConfigMap kube-root-ca.crt"), deletesIfThere("KubernetesConfigMap kube-root-ca.crt"),
			unforged("ConfigMap kube-root-ca.crt", "ca.crt"),
		},
	},
	{
		name:   "the cluster's certificates where all may be adopted",
		domain: "adoption: All",
		does:   []step{applies(manifest("KubernetesConfigMap", "kube-root-ca.crt", taking+", data: {ca.crt: forged}"))},
		holds: []step{
			refused("KubernetesConfigMap kube-root-ca.crt"), deletesIfThere("KubernetesConfigMap kube-root-ca.crt"),
			unforged("ConfigMap kube-root-ca.crt", "ca.crt"),
		},
	},
	{
		name:   "an account where all may be adopted",
		domain: "adoption: All",
		given:  account("$mine", "theirs"),
		does:   []step{applies(manifest("Principal", "theirs", taking)), settles},
		holds:  []step{refused("Principal theirs", "NotOwned"), deletesIfThere("Principal theirs")},
	},
	{
		name:   "a Secret where workloads may be adopted",
		domain: "adoption: Workloads",
		given:  secret("$mine", "theirs"),
		does:   []step{applies(manifest("KubernetesSecret", "theirs", taking+", stringData: {password: guessed}"))},
		holds:  []step{refused("KubernetesSecret theirs", "NotOwned"), deletesIfThere("KubernetesSecret theirs")},
	},
	{
		name:   "what a controller owns, where all may be adopted",
		domain: "adoption: All",
		given:  workload("apps/v1", "StatefulSet", "serviceName: a, "+podOf),
		does:   []step{awaitsPod("theirs-0"), handsOver("theirs-0")},
		holds:  []step{refused("KubernetesServiceInstance theirs-0", "NotOwned"), deletesIfPresent("KubernetesServiceInstance theirs-0"), awaitsPod("theirs-0")},
	},
	{
		name:     "a ConfigMap that may be is taken over and given up: the rows above are no accident",
		given:    consenting,
		consents: []string{"ConfigMap $mine/theirs"},
		does:     []step{applies(takesConfigMap), ready("KubernetesConfigMap theirs"), deletes("KubernetesConfigMap theirs")},
		holds:    []step{gone("ConfigMap theirs")},
	},
	{
		name:     "a Deployment is taken over where workloads may be",
		domain:   "adoption: Workloads",
		given:    workload("apps/v1", "Deployment", podOf),
		consents: []string{"Deployment $mine/theirs"},
		does:     []step{applies(manifest("Slice", "theirs", "controllerKind: Deployment, adopt: IfUnowned")), ready("Slice theirs"), deletes("Slice theirs")},
		holds:    []step{is("Deployment theirs", "metadata.name", "theirs")},
	},
	{
		name:     "consent is taken back before the deletion",
		given:    consenting,
		consents: []string{"ConfigMap $mine/theirs"},
		does: []step{
			applies(takesConfigMap), ready("KubernetesConfigMap theirs"),
			operatorPatches("ConfigMap $mine/theirs", `{"metadata":{"annotations":{"xos.opencord.org/adoptable":null}}}`),
			deletes("KubernetesConfigMap theirs"),
		},
		holds: []step{is("ConfigMap theirs", "metadata.name", "theirs")},
	},
}
