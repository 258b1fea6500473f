package api

import (
	"encoding/json"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// What Go can't decode, or not in time, is refused by the field's name: once
// stored it could not be repaired. test/integration shows what becomes of
// such an object all the same.
func TestWhatGoCanNotDecodeIsRefusedByName(t *testing.T) {
	container := func(fields string) string {
		return `{"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.29", ` + fields + `}]}}}`
	}
	tests := map[string]struct{ kind, spec, want string }{
		"a port":                           {"KubernetesServiceInstance", `{"image": "web", "ports": [{"containerPort": 99999999999}]}`, "spec.ports[0].containerPort"},
		"a port below":                     {"KubernetesServiceInstance", `{"image": "web", "ports": [{"containerPort": -99999999999}]}`, "spec.ports[0].containerPort"},
		"a port of a template":             {"Slice", container(`"ports": [{"containerPort": 99999999999}]`), "spec.template.spec.containers[0].ports[0].containerPort"},
		"a port of more than 64 bits":      {"Slice", container(`"ports": [{"containerPort": 99999999999999999999}]`), "spec.template.spec.containers[0].ports[0].containerPort"},
		"a probe's port":                   {"Slice", container(`"livenessProbe": {"tcpSocket": {"port": 99999999999}}`), "spec.template.spec.containers[0].livenessProbe.tcpSocket.port"},
		"a probe's port as a long text":    {"Slice", container(`"livenessProbe": {"tcpSocket": {"port": "` + strings.Repeat("a", 64) + `"}}`), "spec.template.spec.containers[0].livenessProbe.tcpSocket.port"},
		"an exponent with a fraction":      {"KubernetesServiceInstance", `{"image": "web", "resources": {"limits": {"cpu": "1e1.5"}}}`, "spec.resources.limits.cpu"},
		"a long exponent":                  {"KubernetesServiceInstance", `{"image": "web", "resources": {"limits": {"cpu": "1e-99999999"}}}`, "spec.resources.limits.cpu"},
		"a long exponent of a template":    {"Slice", container(`"resources": {"requests": {"memory": "1e-99999999"}}`), "spec.template.spec.containers[0].resources.requests.memory"},
		"a long quantity":                  {"Slice", container(`"resources": {"requests": {"memory": "` + strings.Repeat("9", 65) + `"}}`), "spec.template.spec.containers[0].resources.requests.memory"},
		"a quantity of more than 64 bits":  {"Slice", container(`"resources": {"requests": {"memory": 99999999999999999999}}`), "spec.template.spec.containers[0].resources.requests.memory"},
		"a claim's size":                   {"Slice", `{"volumeClaimTemplates": [{"name": "data", "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1e99999"}}}}]}`, "spec.volumeClaimTemplates[0].spec.resources.requests.storage"},
		"a user of more than 64 bits":      {"Slice", container(`"securityContext": {"runAsUser": 9223372036854775808}`), "spec.template.spec.containers[0].securityContext.runAsUser"},
		"replicas":                         {"Slice", `{"controllerReplicaCount": 99999999999}`, "spec.controllerReplicaCount"},
		"a limit of instances":             {"Slice", `{"maxInstances": 99999999999}`, "spec.maxInstances"},
		"a list for bytes":                 {"KubernetesConfigMap", `{"binaryData": {"a": ["YQ=="]}}`, "spec.binaryData.a"},
		"an empty list for a secret value": {"KubernetesSecret", `{"data": {"a": []}}`, "spec.data.a"},
		"a mode":                           {"KubernetesConfigVolumeMount", `{"configMap": "a", "slice": "b", "mountPath": "/a", "defaultMode": 99999999999}`, "spec.defaultMode"},
		"a service's port":                 {"ServicePort", `{"service": "a", "internalPort": 99999999999}`, "spec.internalPort"},
		"a pace":                           {"KubernetesService", `{"pull": {"resyncSeconds": 99999999999}}`, "spec.pull.resyncSeconds"},
	}
	s := newServer(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := s.put(t, written(t, test.kind, "poison", test.spec))
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("refused without a word of %s: %v", test.want, err)
			}
		})
	}
}

func TestTimesThatGoCanNotDecodeAreRefusedByName(t *testing.T) {
	s := newServer(t)
	o, err := s.put(t, written(t, "KubernetesConfigMap", "times", `{}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []any{"2026-01-01t00:00:00z", "2026-01-01T00:00:00+99:99", "2026-01-01T00:00:00", "9999-12-31T00:00:00Z", "", []any{}, []any{"2026-01-01T00:00:00Z"}} {
		o.Object["status"] = map[string]any{"observedGeneration": int64(1), "conditions": []any{
			map[string]any{"type": "Ready", "status": "True", "reason": "Succeeded", "message": "", "lastTransitionTime": at},
		}}
		_, err := s.of(t, o).UpdateStatus(t.Context(), o, metav1.UpdateOptions{})
		if err == nil {
			t.Errorf("%v: accepted", at)
		} else if !strings.Contains(err.Error(), "status.conditions[0].lastTransitionTime") {
			t.Errorf("%v: refused without a word of the field: %v", at, err)
		}
	}
}

// written is an object whose spec is written as JSON, with numbers as they stand.
func written(t *testing.T, kind, name, spec string) *unstructured.Unstructured {
	t.Helper()
	var fields map[string]any
	decoder := json.NewDecoder(strings.NewReader(spec))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		t.Fatal(err)
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": xosv1.SchemeGroupVersion.String(), "kind": kind, "metadata": map[string]any{"name": name}, "spec": fields,
	}}
}
