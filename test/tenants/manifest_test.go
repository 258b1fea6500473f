package tenants

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// parse reads manifests: documents between lines of "---", or each on a line of its
// own that begins with "{". A document without an apiVersion is of
// xos.opencord.org/v1.
func parse(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	for _, document := range strings.Split(strings.ReplaceAll("\n"+text, "\n{", "\n---\n{"), "\n---") {
		content := parseMap(t, document)
		if len(content) == 0 {
			continue
		}
		if content["apiVersion"] == nil {
			content["apiVersion"] = xosv1.SchemeGroupVersion.String()
		}
		all = append(all, &unstructured.Unstructured{Object: content})
	}
	return all
}

func parseMap(t *testing.T, text string) map[string]any {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err, text)
	content := &unstructured.Unstructured{}
	if string(asJSON) == "null" {
		return nil
	}
	// Numbers as the API server reads them, not as float64.
	require.NoError(t, content.UnmarshalJSON(withKind(t, asJSON)), text)
	if content.GetKind() == noKind {
		delete(content.Object, "kind")
	}
	return content.Object
}

const noKind = "None"

// withKind gives a text that is no object of the API a kind, which the decoder
// asks for.
func withKind(t *testing.T, text []byte) []byte {
	t.Helper()
	var content map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &content), string(text))
	if content["kind"] != nil {
		return text
	}
	content["kind"] = json.RawMessage(`"` + noKind + `"`)
	text, err := json.Marshal(content)
	require.NoError(t, err)
	return text
}

// manifest is an object of ours in a line, its spec as YAML.
func manifest(kind, name, spec string) string {
	return fmt.Sprintf("{kind: %s, metadata: {name: %s}, spec: {%s}}\n", kind, name, spec)
}

// blob is a KubernetesResourceInstance with a text, and more of its spec.
func blob(name, text string, spec ...string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return manifest("KubernetesResourceInstance", name, strings.Join(append([]string{"resourceDefinition: " + string(quoted)}, spec...), ", "))
}

// deployment is a Slice with a Deployment of one pod, with more of the pod's spec
// and of its own.
func deployment(name, pod string, spec ...string) string {
	template := "template: {spec: {containers: [{name: main, image: example.com/none}]" + comma(pod) + "}}"
	return manifest("Slice", name, strings.Join(append([]string{"controllerKind: Deployment", "controllerReplicaCount: 1", template}, spec...), ", "))
}

// templated is a Slice with a Deployment whose template has this metadata.
func templated(name, metadata string) string {
	return manifest("Slice", name, "controllerKind: Deployment, template: {metadata: {"+metadata+"}, spec: {containers: [{name: main, image: example.com/none}]}}")
}

// instance is a KubernetesServiceInstance with more of its spec.
func instance(name string, spec ...string) string {
	return manifest("KubernetesServiceInstance", name, strings.Join(append([]string{"imageReference: example.com/none"}, spec...), ", "))
}

func comma(more string) string {
	if more == "" {
		return ""
	}
	return ", " + more
}

// native is a native object of a namespace in a line.
func native(version, kind, namespace, name, more string) string {
	return fmt.Sprintf("{apiVersion: %s, kind: %s, metadata: {namespace: %s, name: %s}%s}\n", version, kind, namespace, name, comma(more))
}

func configMap(namespace, name string) string {
	return native("v1", "ConfigMap", namespace, name, "data: {color: blue}")
}

func secret(namespace, name string) string {
	return native("v1", "Secret", namespace, name, "stringData: {password: $canary}")
}

func account(namespace, name string) string {
	return native("v1", "ServiceAccount", namespace, name, "")
}
