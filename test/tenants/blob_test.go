package tenants

import (
	"fmt"
	"strings"
)

// A tenant's text is applied by a manager that may do nearly everything.

// editor is a Principal that may do in the domain what the ClusterRole edit allows.
const editor = "{kind: Principal, metadata: {name: editor}, spec: {roles: [edit]}}\n"

const asEditor = "principal: editor"

// asks is a row with a blob of an editor, which must end with one of these reasons,
// and with none of these objects.
func asks(name, text string, reasons []string, none ...string) attack {
	return attack{
		name:  name,
		does:  []step{applies(editor), ready("Principal editor"), applies(blob("blob", text, asEditor))},
		holds: []step{refused("KubernetesResourceInstance blob", reasons...), absent(none...)},
	}
}

var (
	invalid   = []string{"Invalid"}
	forbidden = []string{"Forbidden", "Invalid", "Failed", "NotOwned"}
)

var blobs = append(leaves,
	asks("a name leads up the API's path", "{apiVersion: v1, kind: ConfigMap, metadata: {name: ../../$victim/configmaps/a}}", invalid),
	asks("a name leads up the path in percents", "{apiVersion: v1, kind: ConfigMap, metadata: {name: '..%2f..%2f$victim%2fconfigmaps%2fa'}}", invalid),
	asks("a name is a dot", "{apiVersion: v1, kind: ConfigMap, metadata: {name: ..}}", invalid),
	asks("a name is no string", "{apiVersion: v1, kind: ConfigMap, metadata: {name: {a: b}}}", invalid),
	asks("a name is made up by the server", "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-}}", invalid),
	asks("an apiVersion leads elsewhere", "{apiVersion: v1/../../apis/apps/v1, kind: Deployment, metadata: {name: a}}", invalid),
	asks("an object is owned by another's", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: a, uid: b}]}}", invalid, "ConfigMap a"),
	asks("an object has a finalizer that nobody takes off", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: [example.org/hold]}}", invalid, "ConfigMap a"),
	asks("an object carries our tracking annotation", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {xos.opencord.org/owner: Slice/$victim/web/uid/ConfigMap/$mine/a}}}", invalid, "ConfigMap a"),
	asks("an object says that it was adopted", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {xos.opencord.org/adopted: 'true'}}}", invalid, "ConfigMap a"),
	asks("an alias holds more than memory", bomb(9), invalid),
	asks("documents hold aliases of aliases each", strings.Repeat(bomb(6)+"\n---\n", 50), invalid),
	asks("a document is nested without end", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: "+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+"}", invalid),
	asks("a tag asks for code", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: !!python/object/apply:os.system ['true']", forbidden, "ConfigMap a"),
	asks("a key is there twice", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: $mine}\nmetadata: {name: a, namespace: $victim}", invalid, "ConfigMap a", "ConfigMap $victim/a"),
	asks("a list is of its own kind", "{apiVersion: v1, kind: ConfigMapList, items: [{metadata: {name: a, namespace: $victim}}]}", invalid, "ConfigMap $victim/a"),
	asks("a list has more than a blob may", fmt.Sprintf("{apiVersion: v1, kind: List, items: [%s]}", strings.TrimSuffix(strings.Repeat("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}},", 2000), ",")), invalid, "ConfigMap a"),
	asks("all rights are asked for", `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: t-$tag}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}, subjects: [{kind: ServiceAccount, name: editor, namespace: $mine}]}`, forbidden, "ClusterRoleBinding /t-$tag"),
	asks("more rights in the domain are asked for", `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: t-$tag}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}, subjects: [{kind: ServiceAccount, name: editor, namespace: $mine}]}`, forbidden, "RoleBinding t-$tag"),
	asks("a ClusterRole is aggregated into others", `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: t-$tag, labels: {rbac.authorization.k8s.io/aggregate-to-edit: 'true'}}, rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]}`, forbidden, "ClusterRole /t-$tag"),
	asks("a webhook would see all requests", `{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {name: t-$tag}, webhooks: []}`, forbidden, "MutatingWebhookConfiguration /t-$tag"),
	asks("a webhook would hold all requests", `{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: t-$tag}, webhooks: []}`, forbidden, "ValidatingWebhookConfiguration /t-$tag"),
	asks("an APIService takes a group over", `{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.t-$tag.example.org}, spec: {group: t-$tag.example.org, version: v1, groupPriorityMinimum: 1, versionPriority: 1}}`, forbidden, "APIService /v1.t-$tag.example.org"),
	asks("a CustomResourceDefinition is made", `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: ts.t-$tag.example.org}, spec: {group: t-$tag.example.org, scope: Namespaced, names: {plural: ts, kind: T}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}`, forbidden, "CustomResourceDefinition /ts.t-$tag.example.org"),
	asks("a priority above all is made", `{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: t-$tag}, value: 1000000000, globalDefault: true}`, forbidden, "PriorityClass /t-$tag"),
	asks("a namespace is made", `{apiVersion: v1, kind: Namespace, metadata: {name: t-$tag}}`, forbidden, "Namespace /t-$tag"),
	asks("a trust domain is made", `{apiVersion: xos.opencord.org/v1, kind: TrustDomain, metadata: {name: t-$tag}, spec: {podSecurity: privileged, allowedRoles: [cluster-admin]}}`, forbidden, "TrustDomain /t-$tag", "Namespace /t-$tag"),
	asks("the own domain is opened", `{apiVersion: xos.opencord.org/v1, kind: TrustDomain, metadata: {name: $mine}, spec: {allowedRoles: [cluster-admin]}}`, forbidden),
	asks("the inventory of the cluster is switched off", `{apiVersion: xos.opencord.org/v1, kind: KubernetesService, metadata: {name: kubernetes}, spec: {pull: {enabled: false}}}`, forbidden),
	asks("the own namespace is made privileged", `{apiVersion: v1, kind: Namespace, metadata: {name: $mine, labels: {pod-security.kubernetes.io/enforce: privileged}}}`, forbidden),
	asks("a volume of the node is made", `{apiVersion: v1, kind: PersistentVolume, metadata: {name: t-$tag}, spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /}}}`, forbidden),
	asks("a node is tainted", `{apiVersion: v1, kind: Node, metadata: {name: t-$tag}, spec: {unschedulable: true}}`, forbidden),
	asks("a quota is lifted", `{apiVersion: v1, kind: ResourceQuota, metadata: {name: t-$tag}, spec: {hard: {pods: '100000'}}}`, forbidden, "ResourceQuota t-$tag"),
	asks("a question about rights is asked", `{apiVersion: authorization.k8s.io/v1, kind: SubjectAccessReview, metadata: {name: a}, spec: {user: admin, resourceAttributes: {verb: get, resource: secrets}}}`, nil),
	asks("a token is asked for", `{apiVersion: authentication.k8s.io/v1, kind: TokenRequest, metadata: {name: default}, spec: {audiences: []}}`, nil),
	asks("a pod is evicted", `{apiVersion: policy/v1, kind: Eviction, metadata: {name: a}}`, nil),
	asks("a pod is bound to a node", `{apiVersion: v1, kind: Binding, metadata: {name: a}, target: {kind: Node, name: a}}`, nil),
	attack{
		name:  "a pending deletion is made up in the intent",
		given: configMap("$mine", "theirs"),
		does: []step{
			applies(`{kind: KubernetesResourceInstance, metadata: {name: blob, finalizers: [xos.opencord.org/cleanup], annotations: {xos.opencord.org/intent: '[{"apiVersion":"v1","kind":"ConfigMap","namespace":"$mine","name":"theirs"}]'}},
				spec: {resourceDefinition: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}'}}`),
			settles, deletes("KubernetesResourceInstance blob"),
		},
	},
	attack{
		name:  "a pending deletion in another's namespace is made up in the intent",
		given: configMap("$victim", "theirs"),
		does: []step{
			applies(`{kind: KubernetesResourceInstance, metadata: {name: blob, finalizers: [xos.opencord.org/cleanup], annotations: {xos.opencord.org/intent: '[{"apiVersion":"v1","kind":"ConfigMap","namespace":"$victim","name":"theirs"}]'}},
				spec: {suspend: true, resourceDefinition: '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}'}}`),
			settles, deletes("KubernetesResourceInstance blob"),
		},
	},
	attack{
		name: "an object bears our label",
		does: []step{
			applies(editor), ready("Principal editor"),
			applies(blob("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {app.kubernetes.io/managed-by: xos.opencord.org}}}", asEditor)),
		},
	},
	attack{
		name:  "an object is pruned that another made again",
		given: "",
		does: []step{
			applies(editor), ready("Principal editor"), applies(blob("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", asEditor)),
			ready("KubernetesResourceInstance blob"),
			applies(blob("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", asEditor, "suspend: true")), settles,
			operatorDeletes("ConfigMap $mine/a"), operator(configMap("$mine", "a")),
			applies(blob("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}", asEditor, "suspend: false")), settles,
		},
		holds: []step{is("ConfigMap a", "data.color", "blue"), is("ConfigMap b", "metadata.name", "b")},
	},
)

// leaves are blobs that lead out of their domain.
var leaves = []attack{
	asks("a document names another's namespace", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: $victim}}", invalid, "ConfigMap $victim/a"),
	asks("a document names the manager's namespace", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: xos-system}}", invalid, "ConfigMap xos-system/a"),
	asks("a document names kube-system", "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: kube-scheduler, namespace: kube-system}}", invalid),
	asks("a document in a list names another's namespace", "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: $victim}}]}", invalid, "ConfigMap $victim/a"),
	asks("a document in a list in a list names it", "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: $victim}}]}]}", invalid, "ConfigMap $victim/a"),
	asks("a document names it by an alias", "{apiVersion: v1, kind: ConfigMap, metadata: &m {name: a, namespace: $victim}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: $victim}}", invalid, "ConfigMap $victim/a", "ConfigMap $victim/b"),
	asks("a document names it by a merge key", "x: &x {namespace: $victim}\napiVersion: v1\nkind: ConfigMap\nmetadata: {<<: *x, name: a}", forbidden, "ConfigMap $victim/a"),
	asks("a document names a namespace with spaces", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ' $victim'}}", invalid, "ConfigMap $victim/a"),
	asks("a namespace is no string", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: [$victim]}}", invalid, "ConfigMap $victim/a"),
}

// bomb is a document that comes to 10 to the power of depth once its aliases are
// written out.
func bomb(depth int) string {
	lines := []string{"apiVersion: v1", "kind: ConfigMap", "metadata: {name: a}", "data:", "  a0: &a0 [x,x,x,x,x,x,x,x,x,x]"}
	for i := 1; i < depth; i++ {
		alias := fmt.Sprintf("*a%d", i-1)
		lines = append(lines, fmt.Sprintf("  a%d: &a%d [%s]", i, i, strings.TrimSuffix(strings.Repeat(alias+",", 10), ",")))
	}
	return strings.Join(lines, "\n")
}
