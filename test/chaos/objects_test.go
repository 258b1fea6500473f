package chaos

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// slot is a name under which a custom resource may be, and what may be said under it.
type slot struct {
	kind, namespace, name string
	// specs are the specs that it may have.
	specs []string
	// lifecycle is true where it materializes something native.
	lifecycle bool
}

func (s slot) String() string { return fmt.Sprintf("%s %s/%s", s.kind, s.namespace, s.name) }

// resources are the kinds of custom resources, by their names.
var resources = map[string]schema.GroupVersionResource{
	"TrustDomain": custom("trustdomains"), "Site": custom("sites"), "Image": custom("images"),
	"Principal": custom("principals"), "Slice": custom("slices"), "Service": custom("services"), "ServicePort": custom("serviceports"),
	"KubernetesServiceInstance": custom("kubernetesserviceinstances"), "KubernetesResourceInstance": custom("kubernetesresourceinstances"),
	"KubernetesConfigMap": custom("kubernetesconfigmaps"), "KubernetesSecret": custom("kubernetessecrets"),
	"KubernetesConfigVolumeMount": custom("kubernetesconfigvolumemounts"), "KubernetesSecretVolumeMount": custom("kubernetessecretvolumemounts"),
}

func custom(plural string) schema.GroupVersionResource {
	return xosv1.SchemeGroupVersion.WithResource(plural)
}

// natives are the kinds that come of them.
var natives = []schema.GroupVersionResource{
	{Version: "v1", Resource: "configmaps"}, {Version: "v1", Resource: "secrets"}, {Version: "v1", Resource: "services"},
	{Version: "v1", Resource: "serviceaccounts"}, {Version: "v1", Resource: "pods"},
	{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
	{Group: "apps", Version: "v1", Resource: "deployments"}, {Group: "apps", Version: "v1", Resource: "statefulsets"},
	{Group: "apps", Version: "v1", Resource: "daemonsets"}, {Group: "apps", Version: "v1", Resource: "replicasets"},
	{Group: "batch", Version: "v1", Resource: "jobs"}, {Group: "batch", Version: "v1", Resource: "cronjobs"},
}

var namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}

const container = `{spec: {containers: [{name: web, image: "registry.k8s.io/pause:3.%d"}], restartPolicy: %s}}`

// controlled is the spec of a slice with a controller.
func controlled(kind string, image int, more string) string {
	restart := "Always"
	if kind == "Job" || kind == "CronJob" {
		restart = "OnFailure"
	}
	return fmt.Sprintf("{controllerKind: %s, immutableFieldPolicy: Recreate, service: shop, template: "+container+"%s}", kind, image, restart, more)
}

// cast are the slots of an environment. $w stands for the environment, whose trust domain $w-a
// admits all namespaces, and $w-b its own.
func cast(env string) []slot {
	all := []slot{
		{kind: "Site", name: "$w-site", specs: []string{"{}", "{abbreviatedName: Site}"}},
		{kind: "Image", name: "$w-pause", specs: []string{"{name: example.org/$w, tag: a}", "{name: example.org/$w, tag: b}"}},
	}
	for _, domain := range []string{"$w-a", "$w-b"} {
		namespace := domain
		if domain == "$w-a" {
			namespace = "$w-home"
		}
		for _, s := range placed() {
			s.namespace = namespace
			for i, spec := range s.specs {
				s.specs[i] = strings.Replace(spec, "$td", "trustDomain: "+domain, 1)
			}
			all = append(all, s)
		}
	}
	for i, s := range all {
		all[i].namespace, all[i].name = strings.ReplaceAll(s.namespace, "$w", env), strings.ReplaceAll(s.name, "$w", env)
		for k, spec := range s.specs {
			s.specs[k] = strings.ReplaceAll(spec, "$w", env)
		}
	}
	return all
}

// placed are the slots of a namespace.
func placed() []slot {
	return []slot{
		{kind: "Principal", name: "web", lifecycle: true, specs: []string{"{$td}", "{$td, roles: [view]}", "{$td, roles: [view, edit]}", "{$td, automountToken: false}"}},
		{kind: "Principal", name: "deployer", lifecycle: true, specs: []string{"{$td, roles: [edit]}", "{$td, roles: [edit, view]}"}},
		{kind: "Slice", name: "web", lifecycle: true, specs: withDomain(
			controlled("Deployment", 9, ", controllerReplicaCount: 2, principal: web"), controlled("Deployment", 10, ", controllerReplicaCount: 1"),
			controlled("StatefulSet", 9, ", controllerReplicaCount: 1"), controlled("DaemonSet", 9, ""), controlled("ReplicaSet", 9, ", controllerReplicaCount: 1"),
			controlled("CronJob", 9, `, schedule: "0 3 1 1 *"`), controlled("Deployment", 9, ", enabled: false"), controlled("Job", 9, ""))},
		{kind: "Slice", name: "tools", lifecycle: true, specs: []string{"{$td}", "{$td, principal: web}", "{$td, site: $w-site}", "{$td, enabled: false}"}},
		{kind: "KubernetesServiceInstance", name: "shell", lifecycle: true, specs: []string{
			`{slice: tools, imageReference: "registry.k8s.io/pause:3.9"}`, `{slice: tools, imageReference: "registry.k8s.io/pause:3.10"}`,
			`{slice: tools, image: $w-pause}`, `{slice: tools, imageReference: "registry.k8s.io/pause:3.9", env: [{name: COLOR, value: blue}]}`}},
		{kind: "KubernetesConfigMap", name: "page", lifecycle: true, specs: []string{"{$td, data: {color: blue}}", "{$td, data: {color: red, size: large}}", "{$td, data: {size: small}}"}},
		{kind: "KubernetesConfigMap", name: "settings", lifecycle: true, specs: []string{"{$td, data: {a: b}}", "{$td, data: {a: c, d: e}}"}},
		{kind: "KubernetesSecret", name: "keys", lifecycle: true, specs: []string{"{$td, stringData: {password: one}}", "{$td, stringData: {password: two, user: me}}"}},
		{kind: "KubernetesConfigVolumeMount", name: "page", specs: []string{"{configMap: page, slice: web, mountPath: /etc/page}", "{configMap: page, serviceInstance: shell, mountPath: /etc/page}"}},
		{kind: "KubernetesSecretVolumeMount", name: "keys", specs: []string{"{secret: keys, slice: tools, mountPath: /etc/keys}", "{secret: keys, slice: web, mountPath: /etc/keys}"}},
		{kind: "Service", name: "shop", lifecycle: true, specs: []string{"{}", "{description: A shop}", "{enabled: false}"}},
		{kind: "ServicePort", name: "http", specs: []string{"{service: shop, internalPort: 80}", "{service: shop, internalPort: 8080}", "{service: shop, internalPort: 80, exposure: ClusterIP}"}},
		{kind: "ServicePort", name: "internal", specs: []string{"{service: shop, internalPort: 81, externalPort: 8081, exposure: ClusterIP}"}},
		{kind: "KubernetesResourceInstance", name: "blob", lifecycle: true, specs: []string{
			blob("deployer", "one", "1"), blob("deployer", "one", "2", "two", "1"), blob("deployer", "two", "2", "three", "1"), blob("web", "one", "1")}},
		{kind: "KubernetesResourceInstance", name: "second", lifecycle: true, specs: []string{blob("deployer", "four", "1"), blob("deployer", "one", "9")}},
	}
}

func withDomain(specs ...string) []string {
	for i, spec := range specs {
		specs[i] = "{$td, " + strings.TrimPrefix(spec, "{")
	}
	return specs
}

// blob is the spec of a resource instance of ConfigMaps, each with a value.
func blob(principal string, maps ...string) string {
	var documents []string
	for i := 0; i < len(maps); i += 2 {
		documents = append(documents, fmt.Sprintf(`{apiVersion: v1, kind: ConfigMap, metadata: {name: blob-%s}, data: {n: \"%s\"}}`, maps[i], maps[i+1]))
	}
	return fmt.Sprintf(`{$td, principal: %s, resourceDefinition: "%s"}`, principal, strings.Join(documents, `\n---\n`))
}

// manifest is the slot's object with one of its specs, and at random what a user
// sets of its lifecycle.
func (s slot) manifest(r *rand.Rand) *unstructured.Unstructured {
	o := s.object(s.specs[r.IntN(len(s.specs))])
	spec := o.Object["spec"].(map[string]any)
	if s.lifecycle {
		choose(r, spec, "deletionPolicy", 0.25, "Orphan", "Delete")
		choose(r, spec, "adopt", 0.25, "IfUnowned")
		choose(r, spec, "suspend", 0.08, true)
	}
	choose(r, spec, "xosManaged", 0.08, false)
	return o
}

func choose(r *rand.Rand, spec map[string]any, field string, chance float64, values ...any) {
	if r.Float64() < chance {
		spec[field] = values[r.IntN(len(values))]
	}
}

// object is the slot's object with a spec.
func (s slot) object(spec string) *unstructured.Unstructured {
	content := map[string]any{}
	if err := yaml.Unmarshal([]byte(spec), &content); err != nil {
		panic(fmt.Errorf("%s: %w", spec, err)) // the same in each run
	}
	o := &unstructured.Unstructured{Object: map[string]any{"spec": content}}
	o.SetGroupVersionKind(xosv1.SchemeGroupVersion.WithKind(s.kind))
	o.SetNamespace(s.namespace)
	o.SetName(s.name)
	return o
}

// domains are the trust domains of an environment.
func domains(env string) []slot {
	adoption := ", allowedRoles: [view, edit]}"
	return []slot{
		{kind: "TrustDomain", name: env + "-a", lifecycle: true, specs: []string{
			"{allowedNamespaces: {from: All}" + adoption, "{allowedNamespaces: {from: All}, labels: {team: a}" + adoption,
			"{allowedNamespaces: {from: All}, podSecurity: restricted" + adoption, "{allowedNamespaces: {from: All}, allowedRoles: [edit]}"}},
		{kind: "TrustDomain", name: env + "-b", lifecycle: true, specs: []string{
			"{labels: {team: b}" + adoption, "{podSecurity: baseline" + adoption, "{allowedRoles: [view]}"}},
	}
}
