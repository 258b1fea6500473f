package integration

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// What differs between two runs, whatever happened in them.
var (
	uid    = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
)

// state describes the end state of an environment: its custom resources, and what they
// made. Two environments that were left alike have equal states.
func (s *env) state(ctx context.Context) (string, error) {
	var all []string
	for _, part := range []struct {
		resource  schema.GroupVersionResource
		namespace string
	}{
		{resourceOf("kubernetesconfigmaps"), s.home},
		{resourceOf("kubernetesserviceinstances"), s.home},
		{schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, s.domain},
		{schema.GroupVersionResource{Version: "v1", Resource: "pods"}, s.domain},
	} {
		list, err := s.Dynamic.Resource(part.resource).Namespace(part.namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return "", err
		}
		for i := range list.Items {
			if list.Items[i].GetName() == "kube-root-ca.crt" {
				continue
			}
			text, err := s.normal(&list.Items[i])
			if err != nil {
				return "", err
			}
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "---\n"), nil
}

// normal is an object without what differs from run to run.
func (s *env) normal(o *unstructured.Unstructured) (string, error) {
	var records []string
	for _, fields := range o.GetManagedFields() {
		if fields.Manager == xosv1.FieldManager {
			records = append(records, fmt.Sprintf("%s %s", fields.Operation, fields.Subresource))
		}
	}
	slices.Sort(records)
	metadata := map[string]any{
		"name": o.GetName(), "labels": o.GetLabels(), "annotations": o.GetAnnotations(), "finalizers": o.GetFinalizers(),
		"ownerReferences": o.GetOwnerReferences(), "ending": o.GetDeletionTimestamp() != nil, "records": records,
	}
	if annotations := o.GetAnnotations(); annotations[xosv1.AppliedAnnotation] != "" {
		annotations[xosv1.AppliedAnnotation] = "a hash"
		metadata["annotations"] = annotations
	}
	content := map[string]any{"kind": o.GetKind(), "metadata": metadata}
	for _, part := range []string{"spec", "data", "status"} {
		content[part] = o.Object[part]
	}
	if o.GetKind() == "Pod" {
		delete(content, "status") // kubelet's, and reported in the instance's
		unstructured.RemoveNestedField(content, "spec", "nodeName")
	}
	for _, random := range []string{"podIP", "podIPs", "nodeName"} {
		unstructured.RemoveNestedField(content, "status", random)
	}
	data, err := yaml.Marshal(content)
	if err != nil {
		return "", err
	}
	text := strings.NewReplacer(s.domain, "$domain", s.home, "$home").Replace(string(data))
	return moment.ReplaceAllString(uid.ReplaceAllString(text, "$uid"), "$time"), nil
}
