package tenants

// What is confidential stays in its namespace, and is nowhere in what the manager
// says.

func copies(spec string) step {
	return applies(manifest("KubernetesSecret", "copy", "trustDomain: $shared, dataFrom: [{name: theirs}]"+comma(spec)))
}

// uncopied asserts that nothing came of it.
var uncopied = []step{refused("KubernetesSecret copy"), absent("Secret $shared/copy")}

// theirSecret is a record of an operator's Secret, written by the tenant.
const theirSecret = "{kind: KubernetesSecret, metadata: {name: theirs}, spec: {xosManaged: false}}\n"

const theirSettings = "{kind: KubernetesConfigMap, metadata: {name: theirs}, spec: {xosManaged: false}}\n"

func mounts(kind, field, target string) string {
	return manifest(kind, "mount", field+": theirs, "+target+", mountPath: /etc/theirs")
}

var secretOfSlice = mounts("KubernetesSecretVolumeMount", "secret", "slice: web")

var secrets = []attack{
	{
		name:  "a Secret is copied into a domain that all use",
		given: secret("$mine", "theirs"),
		does:  []step{copies("")},
		holds: uncopied,
	},
	{
		name:  "one key of a Secret is copied under another name",
		given: secret("$mine", "theirs"),
		does:  []step{applies(manifest("KubernetesSecret", "copy", "trustDomain: $shared, dataFrom: [{name: theirs, items: [{key: password, as: harmless}]}]"))},
		holds: uncopied,
	},
	{
		name: "an account's token is copied into a domain that all use",
		given: account("$mine", "boss") +
			"{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {namespace: $mine, name: theirs, annotations: {kubernetes.io/service-account.name: boss}}}",
		does:  []step{copies("")},
		holds: uncopied,
	},
	{
		name:  "a Secret that is shared with another domain is copied",
		given: sharedWith("$victim"),
		does:  []step{copies("")},
		holds: uncopied,
	},
	{
		name:  "a Secret that is shared with a domain of a longer name is copied",
		given: sharedWith("$shared-2"),
		does:  []step{copies("")},
		holds: uncopied,
	},
	{
		name:  "a Secret that is shared with all is copied",
		given: sharedWith("'*'"),
		does:  []step{copies("")},
		holds: uncopied,
	},
	{
		name:  "a Secret is copied once the tenant made it immutable",
		given: secret("$mine", "theirs"),
		does:  []step{copies("immutable: true")},
		holds: uncopied,
	},
	{
		name:  "a Secret that is shared with the domain is copied: the rows above are no accident",
		given: "{apiVersion: v1, kind: Secret, metadata: {namespace: $mine, name: theirs, annotations: {xos.opencord.org/shared-with: $shared}}, stringData: {password: free}}",
		does:  []step{copies(""), ready("KubernetesSecret copy")},
		holds: []step{is("Secret $shared/copy", "data.password", "ZnJlZQ==")},
	},
	{
		name:  "a Secret's name leads up a path",
		given: secret("$victim", "theirs"),
		does:  []step{applies(manifest("KubernetesSecret", "copy", "dataFrom: [{name: ../../$victim/secrets/theirs}]"))},
		holds: []step{rejected("KubernetesSecret copy")},
	},
	{
		name:  "a Secret is named with its namespace",
		given: secret("$victim", "theirs"),
		does:  []step{applies(manifest("KubernetesSecret", "copy", "dataFrom: [{name: $victim/theirs}]"))},
		holds: []step{rejected("KubernetesSecret copy")},
	},
	{
		name:  "a Secret of another's is copied out of a domain that both use",
		given: secret("$shared", "theirs"),
		does:  []step{copies("")},
		holds: []step{refused("KubernetesSecret copy")},
	},
	{
		name:  "a token of an account is asked for by a Secret's type",
		given: account("$mine", "boss"),
		does:  []step{applies(manifest("KubernetesSecret", "copy", "type: kubernetes.io/service-account-token"))},
		holds: []step{rejected("KubernetesSecret copy")},
	},
	{
		name:  "a bootstrap token is made by a Secret's type",
		does:  []step{applies(manifest("KubernetesSecret", "copy", "type: bootstrap.kubernetes.io/token"))},
		holds: []step{rejected("KubernetesSecret copy")},
	},
	{
		name:  "the type of a Secret is changed later",
		does:  []step{applies(manifest("KubernetesSecret", "copy", "stringData: {a: b}")), settles, patches("KubernetesSecret copy", `{"spec":{"type":"kubernetes.io/service-account-token"}}`)},
		holds: []step{rejected("KubernetesSecret copy")},
	},
	{
		name:  "a record of a Secret is mounted into pods",
		given: secret("$mine", "theirs"),
		does:  []step{applies(theirSecret), settles, applies(secretOfSlice), settles, applies(deployment("web", ""))},
		holds: []step{refused("Slice web"), nobodyMounts("theirs")},
	},
	{
		name:  "a record of a Secret is mounted into an instance",
		given: secret("$mine", "theirs"),
		does:  []step{applies(theirSecret), settles, applies(mounts("KubernetesSecretVolumeMount", "secret", "serviceInstance: one")), settles, applies(instance("one"))},
		holds: []step{refused("KubernetesServiceInstance one"), nobodyMounts("theirs")},
	},
	{
		name:  "a record of a Secret is mounted in a domain that all use",
		given: secret("$shared", "theirs"),
		does: []step{
			applies("{kind: KubernetesSecret, metadata: {name: theirs}, spec: {xosManaged: false, trustDomain: $shared}}"), settles,
			applies(secretOfSlice), settles, applies(deployment("web", "", "trustDomain: $shared")),
		},
		holds: []step{refused("Slice web"), nobodyMounts("theirs")},
	},
	{
		name:  "a record of a Secret that says to be the inventory's is mounted",
		given: secret("$shared", "theirs"),
		does: []step{
			applies(`{kind: KubernetesSecret, metadata: {name: theirs, labels: {xos.opencord.org/pulled: 'true'}, annotations: {xos.opencord.org/mirrors: Secret.v1/$shared/theirs/$uid(Secret $shared/theirs)}}, spec: {xosManaged: false, trustDomain: $shared}}`), settles,
			applies(secretOfSlice), settles, applies(deployment("web", "", "trustDomain: $shared")),
		},
		holds: []step{refused("Slice web"), nobodyMounts("theirs")},
	},
	{
		name:  "a record of a ConfigMap is mounted in a domain that all use",
		given: native("v1", "ConfigMap", "$shared", "theirs", "data: {password: $canary}"),
		does: []step{
			applies("{kind: KubernetesConfigMap, metadata: {name: theirs}, spec: {xosManaged: false, trustDomain: $shared}}"), settles,
			applies(mounts("KubernetesConfigVolumeMount", "configMap", "slice: web")), settles, applies(deployment("web", "", "trustDomain: $shared")),
		},
		holds: []step{refused("Slice web"), nobodyMounts("theirs")},
	},
	{
		name:  "a record of a ConfigMap is mounted into pods",
		given: native("v1", "ConfigMap", "$mine", "theirs", "data: {password: $canary}"),
		does: []step{
			applies(theirSettings), settles, applies(mounts("KubernetesConfigVolumeMount", "configMap", "slice: web")), settles, applies(deployment("web", "")),
		},
		holds: []step{refused("Slice web"), nobodyMounts("theirs")},
	},
	{
		name:  "a mount's path within the volume leads up",
		does:  []step{applies(manifest("KubernetesSecretVolumeMount", "mount", "secret: theirs, slice: web, mountPath: /etc/theirs, subPath: ../../../etc/kubernetes"))},
		holds: []step{rejected("KubernetesSecretVolumeMount mount")},
	},
	{
		name:  "a Secret that is there is overwritten",
		given: secret("$mine", "theirs"),
		does:  []step{applies(manifest("KubernetesSecret", "theirs", "stringData: {password: guessed}"))},
		holds: []step{refused("KubernetesSecret theirs", "NotOwned")},
	},
	{
		name:  "a record shows a Secret",
		given: secret("$mine", "theirs"),
		does:  []step{applies(theirSecret)},
	},
	{
		name:  "who holds a name in a domain that both use is found out",
		given: manifest("KubernetesSecret", "theirs", "trustDomain: $shared, stringData: {a: b}"),
		does:  []step{applies(manifest("KubernetesSecret", "theirs", "trustDomain: $shared, stringData: {a: c}"))},
		holds: []step{refused("KubernetesSecret theirs", "NotOwned")},
		hides: []string{"$victim"},
	},
	{
		name:  "who holds a name in a domain that both use is found out through a blob",
		given: manifest("KubernetesConfigMap", "theirs", "trustDomain: $shared, data: {a: b}"),
		does: []step{
			applies(manifest("Principal", "editor", "trustDomain: $shared, roles: [edit]")), ready("Principal editor"),
			applies(blob("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: theirs}, data: {a: c}}", asEditor, "trustDomain: $shared")),
		},
		holds: []step{refused("KubernetesResourceInstance blob", "NotOwned")},
		hides: []string{"$victim"},
	},
}

func sharedWith(domain string) string {
	return "{apiVersion: v1, kind: Secret, metadata: {namespace: $mine, name: theirs, annotations: {xos.opencord.org/shared-with: " + domain + "}}, stringData: {password: $canary}}\n"
}
