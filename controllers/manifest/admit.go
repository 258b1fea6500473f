package manifest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// setByServer is what an export of a living object holds and a declaration does
// not: it is left out. A resourceVersion would make each apply fail but the first.
var setByServer = []string{"uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
	"deletionGracePeriodSeconds", "selfLink", "managedFields"}

// writtenByControllers are annotations that controllers of the cluster write, and write
// again when they are changed: an export of a living object holds them, and a
// declaration of them would be fought over for ever.
var writtenByControllers = []string{
	"deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation", "kubectl.kubernetes.io/last-applied-configuration",
	"control-plane.alpha.kubernetes.io/leader", "endpoints.kubernetes.io/last-change-trigger-time",
	"pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller",
	"volume.kubernetes.io/selected-node", "volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner",
	"autoscaling.alpha.kubernetes.io/conditions", "autoscaling.alpha.kubernetes.io/current-metrics", "kubernetes.io/service-account.uid",
	"batch.kubernetes.io/job-tracking",
}

// admit checks what a document says of itself and makes it ready to be applied.
func admit(content map[string]any, namespace string) (Document, error) {
	object := &unstructured.Unstructured{Object: content}
	kind, err := kindOf(object)
	if err != nil {
		return Document{}, err
	}
	metadata, ok := content["metadata"].(map[string]any)
	if !ok {
		return Document{}, fmt.Errorf("%s has no metadata", kind.Kind)
	}
	if err := checkMetadata(metadata, namespace); err != nil {
		return Document{}, fmt.Errorf("%s: %w", kind.Kind, err)
	}
	for _, field := range append(setByServer, "namespace", "ownerReferences", "finalizers") {
		delete(metadata, field)
	}
	if annotations, ok := metadata["annotations"].(map[string]any); ok {
		for _, kept := range writtenByControllers {
			delete(annotations, kept)
		}
		if len(annotations) == 0 {
			delete(metadata, "annotations")
		}
	}
	status := content["status"]
	delete(content, "status")
	if isSecret(kind.GroupKind()) {
		if err := encodeStringData(content); err != nil {
			return Document{}, fmt.Errorf("%s %s: %w", kind.Kind, object.GetName(), err)
		}
	}
	sum, err := hash(object)
	return Document{Kind: kind, Object: object, Hash: sum, status: status}, err
}

func kindOf(object *unstructured.Unstructured) (schema.GroupVersionKind, error) {
	version, _ := object.Object["apiVersion"].(string)
	kind, _ := object.Object["kind"].(string)
	if version == "" || kind == "" {
		return schema.GroupVersionKind{}, errors.New("has no apiVersion or no kind")
	}
	group, err := schema.ParseGroupVersion(version)
	if err != nil || group.Version == "" {
		return schema.GroupVersionKind{}, errors.New("has an apiVersion that is neither \"version\" nor \"group/version\"")
	}
	// The bounds of an inventory entry.
	if len(version) > 317 || len(kind) > 63 {
		return schema.GroupVersionKind{}, errors.New("has an apiVersion of more than 317 or a kind of more than 63 characters")
	}
	if _, list := object.Object["items"].([]any); list && strings.HasSuffix(kind, "List") {
		return schema.GroupVersionKind{}, fmt.Errorf("is a %s: write its items as documents, or as a List of v1", kind)
	}
	return group.WithKind(kind), nil
}

// checkMetadata refuses what would lead out of the trust domain, or would make
// the object depend on what the blob does not hold.
func checkMetadata(metadata map[string]any, namespace string) error {
	name, _ := metadata["name"].(string)
	switch {
	case name == "" && metadata["generateName"] != nil:
		return errors.New("metadata.generateName would make another object at each apply: write metadata.name")
	case name == "":
		return errors.New("has no metadata.name")
	case len(name) > 253 || strings.ContainsAny(name, "/%") || name == "." || name == "..":
		return errors.New("has a metadata.name that is no name: at most 253 characters, without '/' and '%'")
	case metadata["generateName"] != nil:
		return fmt.Errorf("%s: metadata.generateName does not go with metadata.name: leave it out", name)
	}
	if in, given := metadata["namespace"]; given && in != nil && in != "" && in != namespace {
		return fmt.Errorf("%s: metadata.namespace is not %s, the namespace of the trust domain: leave it out", name, namespace)
	}
	for _, field := range []string{"ownerReferences", "finalizers"} {
		if list, isList := metadata[field].([]any); metadata[field] != nil && (!isList || len(list) > 0) {
			return fmt.Errorf("%s: metadata.%s can't be declared: leave it out", name, field)
		}
	}
	for _, field := range []string{"labels", "annotations"} {
		if err := checkStrings(metadata, field); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func checkStrings(metadata map[string]any, field string) error {
	if metadata[field] == nil {
		delete(metadata, field)
		return nil
	}
	pairs, ok := metadata[field].(map[string]any)
	if !ok {
		return fmt.Errorf("metadata.%s is no mapping", field)
	}
	for key, value := range pairs {
		if _, ok := value.(string); !ok {
			return fmt.Errorf("metadata.%s: the value of %q is no string: put it in quotes", field, key)
		}
		if slices.Contains(ownership.TrackingAnnotations(), key) {
			return fmt.Errorf("metadata.%s: %s is set by XOS: leave it out", field, key)
		}
	}
	return nil
}
