package manifest

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Service is the kind whose objects hold node ports and addresses, which are unique in a cluster.
var Service = schema.GroupKind{Kind: "Service"}

// Allocated returns the node ports and addresses that a Service names, in words.
func Allocated(service *unstructured.Unstructured) []string {
	spec, _ := service.Object["spec"].(map[string]any)
	var all []string
	add := func(what string, value any) {
		switch value {
		case nil, "", "None", int64(0), float64(0):
		default:
			all = append(all, fmt.Sprintf("%s %v", what, value))
		}
	}
	ports, _ := spec["ports"].([]any)
	for _, port := range ports {
		if port, ok := port.(map[string]any); ok {
			add("node port", port["nodePort"])
		}
	}
	add("node port", spec["healthCheckNodePort"])
	add("address", spec["clusterIP"])
	return all
}
