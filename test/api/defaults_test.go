package api

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// TestDefaults shows what the server fills in, so that a change of a default,
// which changes what users' manifests mean, does not go by unnoticed.
func TestDefaults(t *testing.T) {
	tests := map[string]struct{ given, want string }{
		"KubernetesService":           {"", "{xosManaged: true, pull: {enabled: true, resyncSeconds: 600}}"},
		"KubernetesNode":              {"", "{xosManaged: false, owner: kubernetes}"},
		"Site":                        {"", "{xosManaged: true, enabled: true}"},
		"Image":                       {"{name: nginx}", "{xosManaged: true, name: nginx, kind: container}"},
		"TrustDomain":                 {"", "{xosManaged: true, owner: kubernetes}"},
		"Principal":                   {"", "{xosManaged: true}"},
		"Slice":                       {"{}", "{xosManaged: true, enabled: true, controllerKind: '', immutableFieldPolicy: Fail}"},
		"KubernetesServiceInstance":   {"{image: a}", "{xosManaged: true, owner: kubernetes, image: a, updatePolicy: InPlaceOrRecreate}"},
		"KubernetesConfigMap":         {"{}", "{xosManaged: true}"},
		"KubernetesSecret":            {"{}", "{xosManaged: true, type: Opaque}"},
		"KubernetesConfigVolumeMount": {"{configMap: a, slice: b, mountPath: /c}", "{xosManaged: true, configMap: a, slice: b, mountPath: /c, readOnly: true}"},
		"KubernetesSecretVolumeMount": {"{secret: a, slice: b, mountPath: /c}", "{xosManaged: true, secret: a, slice: b, mountPath: /c, readOnly: true}"},
		"KubernetesResourceInstance": {
			"{resourceDefinition: 'apiVersion: v1, kind: ConfigMap'}",
			"{xosManaged: true, owner: kubernetes, resourceDefinition: 'apiVersion: v1, kind: ConfigMap', prune: true, wait: true}",
		},
		"Service":     {"", "{xosManaged: true, enabled: true, kind: generic}"},
		"ServicePort": {"{service: a, internalPort: 80}", "{xosManaged: true, service: a, internalPort: 80, protocol: TCP, exposure: NodePort}"},
	}
	// Counts that kubectl prints are 0 until a controller has counted.
	counts := map[string]string{
		"KubernetesService": ", nodes: 0, pods: 0, instances: 0", "KubernetesNode": ", pods: 0, ready: false, unschedulable: false", "Image": ", instances: 0",
		"Slice": ", replicas: 0, readyReplicas: 0", "KubernetesServiceInstance": ", restarts: 0",
	}
	s := newServer(t)
	for kind := range s.resources {
		t.Run(kind, func(t *testing.T) {
			test, ok := tests[kind]
			if !ok {
				t.Fatal("the kind is missing in this table")
			}
			given := object(kind, "plain", nil)
			if test.given == "" {
				unstructured.RemoveNestedField(given.Object, "spec")
			} else {
				given.Object["spec"] = parse(t, test.given)
			}
			made, err := s.put(t, given)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := text(t, made.Object["spec"]), text(t, parse(t, test.want)); got != want {
				t.Errorf("spec is\n%swant\n%s", got, want)
			}
			if got, want := text(t, made.Object["status"]), text(t, parse(t, "{observedGeneration: -1"+counts[kind]+"}")); got != want {
				t.Errorf("status is\n%swant\n%s", got, want)
			}
		})
	}
}

func TestStatusIsASubresource(t *testing.T) {
	s := newServer(t)
	for kind := range s.resources {
		t.Run(kind, func(t *testing.T) {
			made, err := s.put(t, minimal(t, kind))
			if err != nil {
				t.Fatal(err)
			}
			if err := unstructured.SetNestedField(made.Object, int64(7), "status", "observedGeneration"); err != nil {
				t.Fatal(err)
			}
			changed, err := s.put(t, made)
			if err != nil {
				t.Fatal(err)
			}
			if got, _, _ := unstructured.NestedInt64(changed.Object, "status", "observedGeneration"); got != -1 {
				t.Errorf("an update of the object wrote observedGeneration %d to the status", got)
			}
			if err := unstructured.SetNestedField(changed.Object, int64(7), "status", "observedGeneration"); err != nil {
				t.Fatal(err)
			}
			changed, err = s.of(t, changed).UpdateStatus(t.Context(), changed, metav1.UpdateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got, _, _ := unstructured.NestedInt64(changed.Object, "status", "observedGeneration"); got != 7 {
				t.Errorf("an update of the status left observedGeneration at %d", got)
			}
			if changed.GetGeneration() != 1 {
				t.Errorf("an update of the status made generation %d", changed.GetGeneration())
			}
		})
	}
}

// minimal is the smallest object of a kind.
func minimal(t *testing.T, kind string) *unstructured.Unstructured {
	t.Helper()
	specs := map[string]string{
		"Image":                       "{name: nginx}",
		"KubernetesServiceInstance":   "{image: a}",
		"KubernetesConfigVolumeMount": "{configMap: a, slice: b, mountPath: /c}",
		"KubernetesSecretVolumeMount": "{secret: a, slice: b, mountPath: /c}",
		"KubernetesResourceInstance":  "{resourceDefinition: 'apiVersion: v1, kind: ConfigMap'}",
		"ServicePort":                 "{service: a, internalPort: 80}",
	}
	spec, ok := specs[kind]
	if !ok {
		spec = "{}"
	}
	return object(kind, "minimal", parse(t, spec))
}

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	var into map[string]any
	if err := yaml.UnmarshalStrict([]byte(text), &into); err != nil {
		t.Fatal(err)
	}
	return into
}

func text(t *testing.T, value any) string {
	t.Helper()
	out, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
