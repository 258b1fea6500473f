package manifest

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Definition is what a CustomResourceDefinition of the blob declares about its kind, before the
// server serves it.
type Definition struct {
	// By names the CustomResourceDefinition.
	By ID
	// Plural is the resource's name in API paths.
	Plural     string
	Namespaced bool
	// versions are those that are served, and whether each has a status subresource.
	versions map[string]bool
}

// Resource returns the resource of one version, and whether it reports a status in a subresource;
// served is false for a version that is not served.
func (d Definition) Resource(kind schema.GroupVersionKind) (resource schema.GroupVersionResource, reports, served bool) {
	reports, served = d.versions[kind.Version]
	return kind.GroupVersion().WithResource(d.Plural), reports, served
}

// Definitions returns the kinds that the blob itself defines.
func Definitions(documents []Document) map[schema.GroupKind]Definition {
	all := map[schema.GroupKind]Definition{}
	for _, document := range documents {
		if document.Kind.GroupKind() != CustomResourceDefinition {
			continue
		}
		content := document.Object.Object
		text := func(fields ...string) string {
			s, _, _ := unstructured.NestedString(content, fields...) // the server reports what is wrong with it
			return s
		}
		definition := Definition{
			By: document.ID(), Plural: text("spec", "names", "plural"),
			Namespaced: text("spec", "scope") == "Namespaced", versions: map[string]bool{},
		}
		versions, _, _ := unstructured.NestedSlice(content, "spec", "versions")
		for _, v := range versions {
			if version, ok := v.(map[string]any); ok && version["served"] == true {
				name, _ := version["name"].(string)
				subresources, _ := version["subresources"].(map[string]any)
				definition.versions[name] = subresources["status"] != nil
			}
		}
		all[schema.GroupKind{Group: text("spec", "group"), Kind: text("spec", "names", "kind")}] = definition
	}
	return all
}
