// Package bundle makes an archive of manifests out of a trust domain's objects, by which they are
// made again in another cluster.
//
// Everything here is a pure function: no client, no clock, no I/O.
package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// kinds are those that are in a bundle, in the order in which they are applied.
var kinds = []string{
	"TrustDomain", "Site", "Image", "Principal", "KubernetesConfigMap", "KubernetesSecret", "Service", "ServicePort",
	"KubernetesConfigVolumeMount", "KubernetesSecretVolumeMount", "Slice", "KubernetesServiceInstance", "KubernetesResourceInstance",
}

// Kinds returns the kinds that a bundle is made of.
func Kinds() []string { return slices.Clone(kinds) }

// Options choose what is in a bundle.
type Options struct {
	Domains []string
	// Namespaces are those of the objects; empty for all.
	Namespaces []string
	// Secrets has values of secrets in it.
	Secrets bool
}

// File is one of a bundle.
type File struct {
	Name, Text string
	Program    bool
}

// Bundle is what is made of a snapshot.
type Bundle struct {
	Files []File
	// Supply says what whoever applies it has to supply, and Notes what else is different.
	Supply, Notes []string
	// Objects is how many there are.
	Objects int
}

// Make makes a bundle of a snapshot. The same snapshot makes the same bundle.
func Make(s *snapshot.Snapshot, o Options) (*Bundle, error) {
	m, err := choose(s, o)
	if err != nil {
		return nil, err
	}
	b := &Bundle{}
	namespaces := map[string]bool{}
	byKind := map[string][]xosv1.Object{}
	for _, object := range m.objects {
		if b.leftOut(object, m) {
			continue
		}
		kind := object.GetObjectKind().GroupVersionKind().Kind
		byKind[kind] = append(byKind[kind], object)
		if namespace := object.GetNamespace(); namespace != "" && m.domains[namespace] == "" {
			namespaces[namespace] = true
		}
		b.Objects++
	}
	if m.records > 0 {
		b.Notes = append(b.Notes, fmt.Sprintf("%d records (xosManaged: false) are left out: the inventory makes them of what exists", m.records))
	}
	for i, kind := range kinds {
		if len(byKind[kind]) == 0 {
			continue
		}
		text, err := manifestsOf(byKind[kind])
		if err != nil {
			return nil, err
		}
		b.Files = append(b.Files, File{Name: fmt.Sprintf("%02d-%s.yaml", i, strings.ToLower(kind)), Text: text})
	}
	slices.Sort(b.Supply)
	slices.Sort(b.Notes)
	b.Files = append(b.Files, File{Name: "README.txt", Text: b.readme(o)},
		File{Name: "apply.sh", Text: script(b.Files, slices.Sorted(slices.Values(o.Domains)), slices.Sorted(maps.Keys(namespaces))), Program: true})
	return b, nil
}

// leftOut returns whether an object is not to be in a bundle, and notes what has to be supplied.
func (b *Bundle) leftOut(object xosv1.Object, m *members) bool {
	title := snapshot.RefOf(object).String()
	switch object := object.(type) {
	case *xosv1.KubernetesSecret:
		for _, source := range object.Spec.DataFrom {
			b.Supply = append(b.Supply, fmt.Sprintf("Secret %s/%s, whose values %s copies (dataFrom)", object.Namespace, source.Name, title))
		}
		if keys := keysOf(object); len(keys) > 0 && !m.options.Secrets {
			b.Supply = append(b.Supply, fmt.Sprintf("%s, type %s, with the keys %s", title, object.Spec.Type, strings.Join(keys, ", ")))
			return true
		}
	case *xosv1.KubernetesResourceInstance:
		if !m.options.Secrets && mayHoldSecrets(object.Spec.ResourceDefinition, m.namespaceOf(object)) {
			b.Supply = append(b.Supply, title+": its resourceDefinition has a Secret, or can't be read")
			return true
		}
	case *xosv1.Principal:
		for _, name := range object.Spec.ImagePullSecrets {
			b.Supply = append(b.Supply, fmt.Sprintf("Secret %s, with which the pods of %s pull images, in the trust domain's namespace", name, title))
		}
	}
	if object.GetLifecycle().Adopt == xosv1.AdoptIfUnowned {
		b.Notes = append(b.Notes, title+" takes over what exists (adopt: IfUnowned): what it does not declare itself is not in it")
	}
	return false
}

func keysOf(secret *xosv1.KubernetesSecret) []string {
	keys := map[string]bool{}
	for key := range secret.Spec.Data {
		keys[key] = true
	}
	for key := range secret.Spec.StringData {
		keys[key] = true
	}
	return slices.Sorted(maps.Keys(keys))
}

// manifestsOf returns the manifests of objects.
func manifestsOf(objects []xosv1.Object) (string, error) {
	var text bytes.Buffer
	for i, o := range objects {
		if problem := o.GetObjectStatus().Undecodable; problem != "" {
			return "", fmt.Errorf("%s can't be read: %s: correct it first", snapshot.RefOf(o), problem)
		}
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
		if err != nil {
			return "", fmt.Errorf("encode %s: %w", snapshot.RefOf(o), err)
		}
		if i > 0 {
			text.WriteString("---\n")
		}
		if err := show.WriteManifest(&text, portable(o, content)); err != nil {
			return "", err
		}
	}
	return text.String(), nil
}

// portable returns an object without what belongs to its cluster: all that the server, the
// manager and kubectl have written. A record that is in a bundle is declared by it.
func portable(o xosv1.Object, content map[string]any) map[string]any {
	metadata := map[string]any{"name": o.GetName()}
	if namespace := o.GetNamespace(); namespace != "" {
		metadata["namespace"] = namespace
	}
	for field, values := range map[string]map[string]string{"labels": o.GetLabels(), "annotations": o.GetAnnotations()} {
		kept := map[string]any{}
		for key, value := range values {
			if !strings.HasPrefix(key, xosv1.GroupName+"/") && !strings.HasPrefix(key, "kubectl.kubernetes.io/") {
				kept[key] = value
			}
		}
		if len(kept) > 0 {
			metadata[field] = kept
		}
	}
	kind := o.GetObjectKind().GroupVersionKind()
	made := map[string]any{"apiVersion": kind.GroupVersion().String(), "kind": kind.Kind, "metadata": metadata}
	if spec, ok := content["spec"].(map[string]any); ok && len(spec) > 0 {
		if !xosv1.IsManaged(o) {
			delete(spec, "xosManaged")
		}
		made["spec"] = spec
	}
	return made
}

var errNoDomain = errors.New("name the trust domains to export")
