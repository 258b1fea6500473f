package manifest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// ID names an object whatever version of the API it is written in: the same
// object in another version is no other object.
type ID struct {
	Group, Kind, Namespace, Name string
}

// GroupKind is the object's kind.
func (id ID) GroupKind() schema.GroupKind { return schema.GroupKind{Group: id.Group, Kind: id.Kind} }

// String names the object to a person.
func (id ID) String() string {
	if id.Namespace == "" {
		return id.Kind + " " + id.Name
	}
	return id.Kind + " " + id.Namespace + "/" + id.Name
}

// Document is one object that a blob declares.
type Document struct {
	// Kind is the object's group, version and kind.
	Kind schema.GroupVersionKind
	// Object is the object as it is to be applied, without our marks. Its
	// namespace is empty until In says where it goes.
	Object *unstructured.Unstructured
	// Hash identifies what is declared. It is kept on the object, so that an
	// unchanged document is not applied again.
	Hash string
	// status is what the document says in that field, which WithStatus declares.
	status any
}

// ID names the object. The namespace is empty before In.
func (d Document) ID() ID {
	return ID{Group: d.Kind.Group, Kind: d.Kind.Kind, Namespace: d.Object.GetNamespace(), Name: d.Object.GetName()}
}

// In is the document with its namespace; "" for a cluster-scoped kind.
func (d Document) In(namespace string) Document {
	metadata := d.metadata()
	delete(metadata, "namespace")
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	d.Object = d.with(metadata)
	return d
}

// WithStatus is the document with what it says as status, for a kind whose status is a
// field like any other. Of other kinds an apply leaves it out: it is the report of a
// controller, which an export of a living object holds by accident.
func (d Document) WithStatus() Document {
	if d.status == nil {
		return d
	}
	whole := d.with(d.metadata())
	whole.Object["status"] = d.status
	if sum, err := hash(whole); err == nil { // of what was decoded from JSON it always can be
		d.Object, d.Hash = whole, sum
	}
	return d
}

// WithAnnotations is the document's object with annotations added to it. Its metadata may be
// changed; all else it shares with the document.
func (d Document) WithAnnotations(annotations map[string]string) *unstructured.Unstructured {
	metadata := d.metadata()
	own, _ := metadata["annotations"].(map[string]any)
	all := make(map[string]any, len(own)+len(annotations))
	maps.Copy(all, own)
	for key, value := range annotations {
		all[key] = value
	}
	metadata["annotations"] = all
	return d.with(metadata)
}

// metadata is a copy of the object's metadata, whose values are shared.
func (d Document) metadata() map[string]any {
	own, _ := d.Object.Object["metadata"].(map[string]any)
	return maps.Clone(own)
}

// with is the object with other metadata. The rest is shared, since nobody changes a
// document and a copy would double what a large one takes.
func (d Document) with(metadata map[string]any) *unstructured.Unstructured {
	content := maps.Clone(d.Object.Object)
	content["metadata"] = metadata
	return &unstructured.Unstructured{Object: content}
}

// hash is over canonical JSON: the order of fields, comments and aliases of the
// YAML do not count.
func hash(object *unstructured.Unstructured) (string, error) {
	data, err := json.Marshal(object.Object)
	if err != nil {
		return "", fmt.Errorf("encode %s %s: %w", object.GetKind(), object.GetName(), err)
	}
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:16]), nil
}
