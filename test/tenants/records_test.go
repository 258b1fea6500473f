package tenants

// A record is text: it shows what its writer may see anyhow, and gives no rights.

// mirror is a record that says to be of a native object.
func mirror(kind, name, of, spec string) string {
	return "{kind: " + kind + ", metadata: {name: " + name + ", annotations: {xos.opencord.org/mirrors: " + of + "}}, spec: {xosManaged: false" + comma(spec) + "}}\n"
}

// pulled is mirror, with the label of what the inventory made.
func pulled(kind, name, of, spec string) string {
	return "{kind: " + kind + ", metadata: {name: " + name + ", labels: {xos.opencord.org/pulled: 'true'}, annotations: {xos.opencord.org/mirrors: " + of + "}}, spec: {xosManaged: false" + comma(spec) + "}}\n"
}

// theirApp is another's Deployment, whose selector shows the labels of its pods.
const theirApp = `{apiVersion: apps/v1, kind: Deployment, metadata: {namespace: $victim, name: app}, spec: {replicas: 2, selector: {matchLabels: {app: $canary}}, template: {metadata: {labels: {app: $canary}}, spec: {containers: [{name: main, image: example.com/none}]}}}}
`

// theirPod is another's pod, which labels and image identify.
const theirPod = `{apiVersion: v1, kind: Pod, metadata: {namespace: $victim, name: theirs, labels: {app: $canary}}, spec: {containers: [{name: main, image: 'example.com/$canary'}]}}
`

const (
	ofApp = "Deployment.v1.apps/$victim/app/$uid(Deployment $victim/app)"
	ofPod = "Pod.v1/$victim/theirs/$uid(Pod $victim/theirs)"
)

// shows is a row with a record that must show nothing of what another has.
func shows(name, given, record string) attack {
	return attack{name: name, given: given, does: []step{applies(record), settles, touches}}
}

// touches waits until the manager has observed one more change of what was applied,
// so that what it learned from the first is there too.
func touches(c *cast) {
	for r := range c.applied {
		c.patch(c.tenant, mine, r.kind+" "+r.namespace+"/"+r.name, `{"spec":{"xosManaged":true}}`)
		c.patch(c.tenant, mine, r.kind+" "+r.namespace+"/"+r.name, `{"spec":{"xosManaged":false}}`)
	}
	c.settle()
}

var records = []attack{
	shows("a slice mirrors another's Deployment", theirApp, mirror("Slice", "app", ofApp, "controllerKind: Deployment")),
	shows("a slice of the inventory's looks mirrors another's Deployment", theirApp, pulled("Slice", "app", ofApp, "controllerKind: Deployment")),
	shows("a slice in a domain of all mirrors another's Deployment", theirApp, mirror("Slice", "app", ofApp, "controllerKind: Deployment, trustDomain: $shared")),
	shows("a slice mirrors another's Deployment without its UID", theirApp, mirror("Slice", "app", "Deployment.v1.apps/$victim/app/", "controllerKind: Deployment")),
	shows("a slice mirrors another's Deployment as a kind that is read by its scale", theirApp, mirror("Slice", "app", "Deployment.v1.apps/$victim/app/x", "controllerKind: Fleet")),
	shows("a slice mirrors another's Secret", secret("$victim", "theirs"), mirror("Slice", "app", "Secret.v1/$victim/theirs/$uid(Secret $victim/theirs)", "controllerKind: Secret")),
	shows("a slice mirrors what has no namespace", "", mirror("Slice", "app", "Namespace.v1//kube-system/x", "controllerKind: Namespace")),
	shows("a slice mirrors a path", theirApp, mirror("Slice", "app", "'Deployment.v1.apps/..%2f..%2fnamespaces%2f$victim/app/x'", "controllerKind: Deployment")),
	shows("an instance mirrors another's pod", theirPod, mirror("KubernetesServiceInstance", "theirs", ofPod, "image: none")),
	shows("an instance of the inventory's looks mirrors another's pod", theirPod, pulled("KubernetesServiceInstance", "theirs", ofPod, "image: none")),
	shows("a principal mirrors another's account", account("$victim", "theirs"), mirror("Principal", "theirs", "ServiceAccount.v1/$victim/theirs/$uid(ServiceAccount $victim/theirs)", "")),
	shows("a ConfigMap mirrors another's", native("v1", "ConfigMap", "$victim", "theirs", "data: {color: $canary}"), mirror("KubernetesConfigMap", "theirs", "ConfigMap.v1/$victim/theirs/$uid(ConfigMap $victim/theirs)", "")),
	shows("a Secret mirrors another's", secret("$victim", "theirs"), mirror("KubernetesSecret", "theirs", "Secret.v1/$victim/theirs/$uid(Secret $victim/theirs)", "")),
	{
		name:  "a Service leads to another's pods by way of a record",
		given: "{apiVersion: apps/v1, kind: Deployment, metadata: {namespace: $shared, name: app}, spec: {replicas: 1, selector: {matchLabels: {app: $canary}}, template: {metadata: {labels: {app: $canary}}, spec: {containers: [{name: main, image: example.com/none}]}}}}\n",
		does: []step{applies(
			mirror("Slice", "app", "Deployment.v1.apps/$shared/app/$uid(Deployment $shared/app)", "controllerKind: Deployment, service: web, trustDomain: $shared") +
				manifest("Service", "web", "") + manifest("ServicePort", "web", "service: web, internalPort: 80"))},
		holds: []step{refused("Service web"), absent("NativeService $shared/web", "NativeService web")},
	},
	{
		name:  "a Service leads to pods by labels that happen to be another's",
		given: theirApp,
		does: []step{applies(
			mirror("Slice", "app", ofApp, "controllerKind: Deployment, service: web") +
				manifest("Service", "web", "") + manifest("ServicePort", "web", "service: web, internalPort: 80"))},
		holds: []step{refused("Service web"), absent("NativeService web")},
	},
	{
		name:  "a record of another's Deployment is handed over",
		given: theirApp,
		does:  []step{applies(mirror("Slice", "app", ofApp, "controllerKind: Deployment, "+taking)), settles, patches("Slice app", `{"spec":{"xosManaged":true}}`), settles, deletes("Slice app")},
		holds: []step{absent("Deployment app")},
	},
	{
		name:  "a record of another's Deployment is handed over in a domain that both use",
		given: "{apiVersion: apps/v1, kind: Deployment, metadata: {namespace: $shared, name: app}, spec: {replicas: 1, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: main, image: example.com/none}]}}}}\n",
		does: []step{
			applies(mirror("Slice", "app", "Deployment.v1.apps/$shared/app/$uid(Deployment $shared/app)", "controllerKind: Deployment, trustDomain: $shared, "+taking)), settles,
			patches("Slice app", `{"spec":{"xosManaged":true}}`), settles, deletes("Slice app"),
		},
	},
	{
		name:  "an instance is handed back as a record of another's pod",
		given: theirPod,
		does: []step{
			applies(instance("theirs", "slice: web") + manifest("Slice", "web", "")), ready("KubernetesServiceInstance theirs"),
			patches("KubernetesServiceInstance theirs", `{"metadata":{"annotations":{"xos.opencord.org/mirrors":"Pod.v1/$victim/theirs/$uid(Pod $victim/theirs)"}},"spec":{"xosManaged":false}}`), settles,
		},
	},
	{
		name:  "a record of another's pod is deleted",
		given: theirPod,
		does:  []step{applies(pulled("KubernetesServiceInstance", "theirs", ofPod, "image: none")), settles, deletesIfPresent("KubernetesServiceInstance theirs")},
		holds: []step{announced("$victim/theirs", "created")},
	},
	{
		name:  "records in another's namespace are as the inventory made them",
		given: theirPod,
		does:  []step{applies(pulled("KubernetesServiceInstance", "theirs", ofPod, "image: none")), settles},
		holds: []step{inventoried("$victim/theirs")},
	},
}
