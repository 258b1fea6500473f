package tenants

import "strings"

// A tracking annotation is a hint: any client that may write a native object may write one.

// forged is a native object with a tracking annotation, and with our label.
func forged(kind, version, namespace, name, owner, spec string) string {
	group := ""
	if before, _, both := strings.Cut(version, "/"); both {
		group = "." + before
	}
	return "{apiVersion: " + version + ", kind: " + kind + ", metadata: {namespace: " + namespace + ", name: " + name + ", labels: {app.kubernetes.io/managed-by: xos.opencord.org}, annotations: {xos.opencord.org/owner: " +
		owner + "/" + kind + group + "/" + namespace + "/" + name + "}}" + comma(spec) + "}\n"
}

// owner is the part of a tracking annotation that names an owner of the victim's.
func owner(kind, name string) string {
	return kind + "/$victim/" + name + "/$uid(" + kind + " $victim/" + name + ")"
}

const container = "spec: {containers: [{name: main, image: example.com/none}]}"

var theirMap = manifest("KubernetesConfigMap", "theirs", "data: {color: blue}")

// survives asserts that an object of another's is as it was made.
func survives(name string) step { return is(name, "metadata.deletionTimestamp", "<nil>") }

var trackings = []attack{
	{
		name:  "a ConfigMap says that it is a ConfigMap's of another",
		given: theirMap,
		does:  []step{another(forged("ConfigMap", "v1", "$other", "mine", owner("KubernetesConfigMap", "theirs"), "")), operatorTouches("KubernetesConfigMap theirs")},
		holds: []step{survives("ConfigMap $other/mine")},
	},
	{
		name:  "an object of the last owner's name is held against its deletion",
		given: configMap("$victim", "bystander"),
		does: []step{
			operator(theirMap), awaits("KubernetesConfigMap $victim/theirs"),
			another(forged("ConfigMap", "v1", "$other", "mine", owner("KubernetesConfigMap", "theirs"), "")),
			operatorDeletes("KubernetesConfigMap $victim/theirs"),
		},
		holds: []step{gone("ConfigMap $victim/theirs"), survives("ConfigMap $other/mine")},
	},
	{
		name:  "a slice of another's may not change for what says to be its Deployment",
		given: "",
		does: []step{
			operator(deployment("web", "")), awaits("Slice $victim/web"),
			another(forged("Deployment", "apps/v1", "$other", "web", owner("Slice", "web"), "spec: {"+podOf+"}")),
			operatorPatches("Slice web", `{"spec":{"controllerReplicaCount":2}}`), awaits("Slice $victim/web"),
		},
		holds: []step{is("Deployment $victim/web", "spec.replicas", "2"), survives("Deployment $other/web")},
	},
	{
		name: "a slice of another's is held against its deletion by a Deployment",
		does: []step{
			operator(deployment("web", "")), awaits("Slice $victim/web"),
			another(forged("Deployment", "apps/v1", "$other", "web", owner("Slice", "web"), "spec: {"+podOf+"}")),
			operatorDeletes("Slice $victim/web"),
		},
		holds: []step{gone("Deployment $victim/web"), survives("Deployment $other/web")},
	},
	{
		name:  "an instance of another's reports a pod that claims to be its",
		given: instance("one"),
		does:  []step{another(forged("Pod", "v1", "$other", "one", owner("KubernetesServiceInstance", "one"), container)), operatorTouches("KubernetesServiceInstance one")},
		holds: []step{is("KubernetesServiceInstance $victim/one", "status.podUID", "$uid(Pod $victim/one)"), inventoried("one"), announced("one", "created")},
	},
	{
		name:  "a pod hides from the inventory behind another's instance",
		given: instance("one"),
		does:  []step{another(forged("Pod", "v1", "$other", "hidden", owner("KubernetesServiceInstance", "one"), container))},
		holds: []step{inventoried("hidden"), announced("hidden", "created")},
	},
	{
		name:  "a pod hides behind an instance that does not exist",
		does:  []step{another(forged("Pod", "v1", "$other", "hidden", "KubernetesServiceInstance/$other/hidden/x", container))},
		holds: []step{inventoried("hidden"), announced("hidden", "created")},
	},
	{
		// A client that annotated the pod may change it, and so has consented to what
		// the record's controller does then: it removes the annotation.
		name: "a pod hides behind its own record", recorded: true, consents: []string{"Pod $other/hidden"},
		does: []step{
			another("{apiVersion: v1, kind: Pod, metadata: {name: hidden}, " + container + "}"), waitFor(inventoried("hidden")),
			another(forged("Pod", "v1", "$other", "hidden", "KubernetesServiceInstance/$other/hidden/$uid(KubernetesServiceInstance $other/hidden)", container)),
		},
		holds: []step{inventoried("hidden"), announced("hidden", "created")},
	},
	{
		name:  "a pod says that it is of another's slice",
		given: deployment("web", ""),
		does: []step{
			another("{apiVersion: v1, kind: Pod, metadata: {name: stray, labels: {xos.opencord.org/slice: web, xos.opencord.org/namespace: $victim, xos.opencord.org/controller-kind: Deployment}}, " + container + "}"),
			waitFor(inventoried("stray")), operatorTouches("Slice web"),
		},
		holds: []step{is("Slice $victim/web", "status.replicas", "1")},
	},
	{
		name:  "a Deployment says that it is of another's slice by name",
		given: deployment("web", ""),
		does: []step{
			another("{apiVersion: apps/v1, kind: Deployment, metadata: {name: app, labels: {xos_slice_name: web}}, spec: {replicas: 1, " + podOf + "}}"), operatorTouches("Slice web"),
		},
		holds: []step{is("Slice $victim/web", "status.replicas", "1")},
	},
	{
		name:  "a copy of an object carries its tracking metadata",
		given: theirMap,
		does:  []step{another("{apiVersion: v1, kind: ConfigMap, metadata: {name: theirs, labels: {app.kubernetes.io/managed-by: xos.opencord.org}, annotations: {xos.opencord.org/owner: " + owner("KubernetesConfigMap", "theirs") + "/ConfigMap/$victim/theirs}}, data: {color: blue}}"), operatorTouches("KubernetesConfigMap theirs")},
		holds: []step{survives("ConfigMap $other/theirs")},
	},
	{
		name:  "an object carries an annotation of the old form",
		given: theirMap,
		does:  []step{another("{apiVersion: v1, kind: ConfigMap, metadata: {name: old, labels: {app.kubernetes.io/managed-by: xos.opencord.org}, annotations: {xos.opencord.org/owner: " + owner("KubernetesConfigMap", "theirs") + "}}}"), operatorTouches("KubernetesConfigMap theirs")},
		holds: []step{survives("ConfigMap $other/old")},
	},
	{
		name:  "an annotation names an owner that is gone",
		does:  []step{another(forged("ConfigMap", "v1", "$other", "left", "KubernetesConfigMap/$other/left/00000000-0000-0000-0000-000000000000", "") + forged("Secret", "v1", "$other", "left", "KubernetesSecret/$other/left/00000000-0000-0000-0000-000000000000", ""))},
		holds: []step{survives("ConfigMap $other/left"), survives("Secret $other/left")},
	},
	{
		name:  "an object says to be a domain's namespace",
		given: configMap("$victim", "theirs"),
		does:  []step{another(forged("ConfigMap", "v1", "$other", "mine", "TrustDomain//$victim/$uid(TrustDomain /$victim)", ""))},
		holds: []step{survives("ConfigMap $other/mine")},
	},
	{
		name:  "an object says to be a blob's of another",
		given: "{kind: Principal, metadata: {name: worker}, spec: {roles: [edit]}}\n" + blob("blob", loot, "principal: worker"),
		does:  []step{another(forged("ConfigMap", "v1", "$other", "loot", owner("KubernetesResourceInstance", "blob"), "")), operatorTouches("KubernetesResourceInstance blob")},
		holds: []step{survives("ConfigMap $other/loot")},
	},
	{
		name:  "annotations have too many and too few parts",
		does:  []step{another(strings.ReplaceAll(configMap("$other", "a")+configMap("$other", "b"), "name: ", "labels: {app.kubernetes.io/managed-by: xos.opencord.org}, annotations: {xos.opencord.org/owner: '////////'}, name: "))},
		holds: []step{survives("ConfigMap $other/a")},
	},
	{
		name:  "a custom resource carries tracking metadata of its own",
		does:  []step{applies("{kind: KubernetesConfigMap, metadata: {name: a, labels: {app.kubernetes.io/managed-by: xos.opencord.org, xos.opencord.org/pulled: 'true'}, annotations: {xos.opencord.org/owner: KubernetesConfigMap/$mine/a/x/ConfigMap/$mine/a, xos.opencord.org/adopted: 'true', xos.opencord.org/applied: x}}, spec: {data: {color: red}}}"), ready("KubernetesConfigMap a")},
		holds: []step{is("ConfigMap a", "data.color", "red")},
	},
	{
		name:  "a custom resource has our finalizers from the start",
		does:  []step{applies("{kind: KubernetesConfigMap, metadata: {name: a, finalizers: [xos.opencord.org/cleanup]}, spec: {data: {color: red}}}"), ready("KubernetesConfigMap a"), deletes("KubernetesConfigMap a")},
		holds: []step{gone("ConfigMap a")},
	},
}
