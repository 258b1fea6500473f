package tenants

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Where an object goes, and whether it may, is the trust domain's as it is now.

// enters is a row with an object that names another's domain.
func enters(name, manifest string, none ...string) attack {
	kind, object := nameOf(manifest)
	return attack{
		name: name, given: configMap("$victim", "theirs"), does: []step{applies(manifest)},
		holds: []step{refused(kind+" "+object, "NotAdmitted", "ReferenceNotFound"), absent(none...)},
	}
}

// closes is a row in which a domain admits no namespace any more, and what is there is
// changed then.
func closes(name, manifest, patch string, holds ...step) attack {
	kind, object := nameOf(manifest)
	return attack{
		name:  name,
		does:  []step{applies(manifest), ready(kind + " " + object), admitsNobody, patches(kind+" "+object, patch), settles},
		holds: append([]step{refused(kind+" "+object, "NotAdmitted", "Suspended", "Inventoried")}, holds...),
	}
}

var domains = []attack{
	enters("a slice in another's domain", deployment("web", "", "trustDomain: $victim"), "Deployment $victim/web"),
	enters("a ConfigMap in another's domain", manifest("KubernetesConfigMap", "a", "trustDomain: $victim, data: {color: red}"), "ConfigMap $victim/a"),
	enters("a ConfigMap that is there, in another's domain", manifest("KubernetesConfigMap", "theirs", "trustDomain: $victim, data: {color: red}, "+taking)),
	enters("a Secret in another's domain", manifest("KubernetesSecret", "a", "trustDomain: $victim, stringData: {color: red}"), "Secret $victim/a"),
	enters("a blob in another's domain", blob("blob", loot, "trustDomain: $victim"), "ConfigMap $victim/loot"),
	enters("a ConfigMap in a domain that does not exist", manifest("KubernetesConfigMap", "a", "trustDomain: kube-system, data: {color: red}"), "ConfigMap kube-system/a"),
	enters("a ConfigMap in the manager's namespace", manifest("KubernetesConfigMap", "a", "trustDomain: xos-system, data: {color: red}"), "ConfigMap xos-system/a"),
	enters("a ConfigMap in the domain of a path", manifest("KubernetesConfigMap", "a", "trustDomain: ../$victim"), "ConfigMap $victim/a"),
	{
		name:  "a ConfigMap of a namespace without a domain is put into another's",
		given: configMap("$victim", "theirs"),
		does:  []step{applies("{kind: KubernetesConfigMap, metadata: {name: a, namespace: $other}, spec: {trustDomain: $victim, data: {color: red}}}")},
		holds: []step{refused("KubernetesConfigMap $other/a", "NotAdmitted"), absent("ConfigMap $victim/a", "ConfigMap $other/a")},
	},
	{
		name:  "a principal is put into a domain with its roles by way of suspension",
		given: configMap("$victim", "theirs"),
		does: []step{
			applies("{kind: Principal, metadata: {name: a}, spec: {trustDomain: $victim, suspend: true, roles: [edit]}}"), settles,
			patches("Principal a", `{"spec":{"suspend":false}}`),
		},
		holds: []step{refused("Principal a", "NotAdmitted"), absent("ServiceAccount $victim/a")},
	},
	{
		name:  "an instance gets into another's domain by way of a slice",
		given: configMap("$victim", "theirs"),
		does:  []step{applies(manifest("Slice", "web", "trustDomain: $victim") + instance("one", "slice: web"))},
		holds: []step{refused("KubernetesServiceInstance one"), absent("Pod $victim/one", "Pod one")},
	},
	{
		name:  "an instance gets into another's domain by way of a slice that is a record",
		given: configMap("$victim", "theirs"),
		does:  []step{applies(manifest("Slice", "web", "xosManaged: false, trustDomain: $victim") + instance("one", "slice: web"))},
		holds: []step{refused("KubernetesServiceInstance one"), absent("Pod $victim/one", "Pod one")},
	},
	{
		name:  "a Service is of slices in two domains",
		does:  []step{applies(manifest("Service", "web", "") + manifest("Slice", "a", "service: web") + manifest("Slice", "b", "service: web, trustDomain: $shared") + manifest("ServicePort", "web", "service: web, internalPort: 80"))},
		holds: []step{refused("Service web"), absent("NativeService web", "NativeService $shared/web")},
	},
	{
		name:  "a domain is changed later",
		given: configMap("$victim", "theirs"),
		does:  []step{applies(manifest("KubernetesConfigMap", "a", "data: {color: red}")), ready("KubernetesConfigMap a"), patches("KubernetesConfigMap a", `{"spec":{"trustDomain":"$victim"}}`)},
		holds: []step{rejected("KubernetesConfigMap a"), absent("ConfigMap $victim/a")},
	},
	{
		name:  "a cluster that nobody knows is the owner",
		does:  []step{applies(blob("blob", loot, "owner: elsewhere"))},
		holds: none,
	},
	{
		name:  "a domain is made by a tenant",
		does:  []step{applies("{kind: TrustDomain, metadata: {name: t-$tag}, spec: {allowedRoles: [cluster-admin]}}")},
		holds: []step{rejected("TrustDomain /t-$tag"), absent("Namespace /t-$tag")},
	},
	{
		name: "a status is written by a tenant",
		does: []step{
			applies(manifest("KubernetesConfigMap", "a", "data: {color: red}")), ready("KubernetesConfigMap a"),
			func(c *cast) {
				o, err := c.tenant.get(c.Context(), c.ref(mine, "KubernetesConfigMap a"))
				if err == nil {
					_, err = c.tenant.resource("KubernetesConfigMap", o.GetNamespace()).UpdateStatus(c.Context(), o, metav1.UpdateOptions{})
				}
				if !isRefusal(err) {
					c.Errorf("a status was written: %v", err)
				}
			},
		},
	},
	{
		name: "a status comes with the object",
		does: []step{applies(`{kind: KubernetesResourceInstance, metadata: {name: blob}, spec: {suspend: true, resourceDefinition: '` + loot + `'},
			status: {observedGeneration: 1, kubectlState: CREATED, inventory: [{apiVersion: v1, kind: ConfigMap, namespace: $victim, name: theirs}], conditions: []}}`), settles, deletes("KubernetesResourceInstance blob")},
		given: configMap("$victim", "theirs"),
	},
	closes("a ConfigMap is changed after the domain closed", manifest("KubernetesConfigMap", "a", "trustDomain: $shared, data: {color: red}"), `{"spec":{"data":{"color":"forged"}}}`, unforged("ConfigMap $shared/a", "color")),
	closes("a slice grows after the domain closed", deployment("web", "", "trustDomain: $shared"), `{"spec":{"controllerReplicaCount":3}}`, is("Deployment $shared/web", "spec.replicas", "1")),
	{
		name:   "what is in a domain that has ended and left its namespace is held",
		shared: "deletionPolicy: Orphan",
		does: []step{
			applies(manifest("KubernetesConfigMap", "a", "trustDomain: $shared, data: {a: b}") +
				manifest("KubernetesConfigMap", "kept", "trustDomain: $shared, deletionPolicy: Orphan, data: {a: b}") +
				manifest("Principal", "worker", "trustDomain: $shared, roles: [edit]")),
			ready("KubernetesConfigMap a"), ready("KubernetesConfigMap kept"), ready("Principal worker"),
			operatorDeletes("TrustDomain /$shared"),
			deletes("KubernetesConfigMap a"), deletes("KubernetesConfigMap kept"), deletes("Principal worker"),
		},
		holds: []step{bindingsIn("$shared", "worker", 0)},
	},
	{
		name: "what is in a domain that was handed back is held",
		does: []step{
			applies(manifest("KubernetesConfigMap", "a", "trustDomain: $shared, data: {a: b}") +
				manifest("KubernetesConfigMap", "kept", "trustDomain: $shared, deletionPolicy: Orphan, data: {a: b}")),
			ready("KubernetesConfigMap a"), ready("KubernetesConfigMap kept"),
			operatorPatches("TrustDomain /$shared", `{"spec":{"xosManaged":false}}`), awaits("TrustDomain /$shared"),
		},
		holds: []step{deletes("KubernetesConfigMap a"), deletes("KubernetesConfigMap kept")},
	},
	{
		name: "a blob grows after the domain closed",
		does: []step{
			applies("{kind: Principal, metadata: {name: worker}, spec: {trustDomain: $shared, roles: [edit]}}"), ready("Principal worker"),
			acts("worker", "trustDomain: $shared"), ready("KubernetesResourceInstance blob"), admitsNobody,
			applies(blob("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: loot-2}}", "principal: worker", "trustDomain: $shared")), settles,
		},
		holds: []step{refused("KubernetesResourceInstance blob", "NotAdmitted"), absent("ConfigMap $shared/loot-2")},
	},
	{
		name:   "a namespace is labelled into a domain by one who may not label it",
		shared: "allowedNamespaces: {from: Selector, selector: {matchLabels: {tier: trusted}}}",
		does: []step{
			applies(editor), ready("Principal editor"),
			applies(blob("blob", "{apiVersion: v1, kind: Namespace, metadata: {name: $mine, labels: {tier: trusted}}}", asEditor)), settles,
			applies(manifest("KubernetesConfigMap", "a", "trustDomain: $shared, data: {color: red}")),
		},
		holds: []step{refused("KubernetesConfigMap a", "NotAdmitted"), absent("ConfigMap $shared/a")},
	},
}
