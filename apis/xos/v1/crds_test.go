package v1_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// crds are the generated CRDs by the names of their kinds.
func crds(t testing.TB) map[string]*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob("../../../crds/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*apiextensionsv1.CustomResourceDefinition{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(content, crd); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[crd.Spec.Names.Kind] = crd
	}
	return all
}

func TestEveryKindHasACRDAndEveryCRDAKind(t *testing.T) {
	all, known := crds(t), kinds(t)
	for kind := range known {
		if all[kind] == nil {
			t.Errorf("%s has no CRD", kind)
		}
	}
	for kind, crd := range all {
		if known[kind] == nil {
			t.Errorf("CRD %s is of no kind of the scheme", crd.Name)
		}
	}
}

func TestShortNamesAndScopes(t *testing.T) {
	want := map[string]struct {
		short string
		scope apiextensionsv1.ResourceScope
	}{
		"KubernetesService":           {"xks", apiextensionsv1.ClusterScoped},
		"KubernetesNode":              {"xnode", apiextensionsv1.ClusterScoped},
		"Site":                        {"site", apiextensionsv1.ClusterScoped},
		"Image":                       {"xim", apiextensionsv1.ClusterScoped},
		"TrustDomain":                 {"td", apiextensionsv1.ClusterScoped},
		"Principal":                   {"prin", apiextensionsv1.NamespaceScoped},
		"Slice":                       {"slice", apiextensionsv1.NamespaceScoped},
		"KubernetesServiceInstance":   {"ksi", apiextensionsv1.NamespaceScoped},
		"KubernetesConfigMap":         {"xcm", apiextensionsv1.NamespaceScoped},
		"KubernetesSecret":            {"xsecret", apiextensionsv1.NamespaceScoped},
		"KubernetesConfigVolumeMount": {"xcvm", apiextensionsv1.NamespaceScoped},
		"KubernetesSecretVolumeMount": {"xsvm", apiextensionsv1.NamespaceScoped},
		"KubernetesResourceInstance":  {"kri", apiextensionsv1.NamespaceScoped},
		"Service":                     {"xsvc", apiextensionsv1.NamespaceScoped},
		"ServicePort":                 {"xport", apiextensionsv1.NamespaceScoped},
	}
	for kind, crd := range crds(t) {
		names := crd.Spec.Names
		if !slices.Equal(names.ShortNames, []string{want[kind].short}) {
			t.Errorf("%s: short names are %q, want %q", kind, names.ShortNames, want[kind].short)
		}
		if crd.Spec.Scope != want[kind].scope {
			t.Errorf("%s: scope is %s, want %s", kind, crd.Spec.Scope, want[kind].scope)
		}
		if !slices.Equal(names.Categories, []string{"xos"}) {
			t.Errorf("%s: categories are %q, want xos", kind, names.Categories)
		}
	}
}

func TestEveryCRDIsServedAsOneVersionWithAStatus(t *testing.T) {
	for kind, crd := range crds(t) {
		if len(crd.Spec.Versions) != 1 || crd.Spec.Versions[0].Name != xosv1.SchemeGroupVersion.Version {
			t.Errorf("%s: versions are %v, want v1 alone", kind, crd.Spec.Versions)
			continue
		}
		version := crd.Spec.Versions[0]
		if version.Subresources == nil || version.Subresources.Status == nil {
			t.Errorf("%s has no status subresource", kind)
		}
		status := version.Schema.OpenAPIV3Schema.Properties["status"]
		if status.Default == nil || string(status.Default.Raw) != `{"observedGeneration":-1}` {
			t.Errorf("%s: the status does not default to observedGeneration -1, so kstatus takes a new object for done", kind)
		}
	}
}

func TestPrinterColumnsBeginWithReadyAndEndWithAge(t *testing.T) {
	for kind, crd := range crds(t) {
		var narrow, wide []string
		for _, column := range crd.Spec.Versions[0].AdditionalPrinterColumns {
			if column.Priority == 0 {
				narrow = append(narrow, column.Name)
			} else {
				wide = append(wide, column.Name)
			}
		}
		if len(narrow) < 3 || narrow[0] != "Ready" || narrow[len(narrow)-1] != "Age" {
			t.Errorf("%s: columns are %q, want Ready, something of the kind's own, Age", kind, narrow)
		}
		for _, name := range []string{"Managed", "Reason", "Message"} {
			if !slices.Contains(wide, name) {
				t.Errorf("%s: wide columns are %q, %s is missing", kind, wide, name)
			}
		}
	}
}

func TestRelationsAreSelectable(t *testing.T) {
	relations := []string{"owner", "site", "trustDomain", "principal", "slice", "image", "service", "configMap", "secret", "serviceInstance"}
	for kind, crd := range crds(t) {
		version := crd.Spec.Versions[0]
		var selectable []string
		for _, field := range version.SelectableFields {
			selectable = append(selectable, field.JSONPath)
		}
		for _, relation := range relations {
			_, has := version.Schema.OpenAPIV3Schema.Properties["spec"].Properties[relation]
			if has && !slices.Contains(selectable, ".spec."+relation) {
				t.Errorf("%s: spec.%s can't be selected by", kind, relation)
			}
		}
	}
}

// TestCRDsFitKubectl holds the CRDs below the size where "kubectl apply" fails
// for want of room for its annotation, with some to spare.
func TestCRDsFitKubectl(t *testing.T) {
	for kind, crd := range crds(t) {
		content, err := json.Marshal(crd)
		if err != nil {
			t.Fatal(err)
		}
		if len(content) > 200<<10 {
			t.Errorf("%s: the CRD has %d bytes as JSON, want %d at most", kind, len(content), 200<<10)
		}
	}
}

// native are paths at which native types begin, whose descriptions are not ours.
var native = []string{
	"spec.allowedNamespaces.selector", "spec.env", "spec.ports", "spec.pull.namespaceSelector", "spec.pull.podSelector",
	"spec.resources", "spec.template.spec", "spec.volumeClaimTemplates.spec", "status.conditions",
}

// walk visits all fields below a schema, lists' items and maps' values included.
func walk(path string, schema apiextensionsv1.JSONSchemaProps, visit func(path string, schema apiextensionsv1.JSONSchemaProps)) {
	for name, property := range schema.Properties {
		below := strings.TrimPrefix(path+"."+name, ".")
		visit(below, property)
		walk(below, property, visit)
	}
	if schema.Items != nil {
		visit(path+"[]", *schema.Items.Schema)
		walk(path, *schema.Items.Schema, visit)
	}
	if schema.AdditionalProperties != nil {
		visit(path+"{}", *schema.AdditionalProperties.Schema)
		walk(path, *schema.AdditionalProperties.Schema, visit)
	}
}

func TestEveryFieldOfOursIsDescribedByItsName(t *testing.T) {
	for kind, crd := range crds(t) {
		root := crd.Spec.Versions[0].Schema.OpenAPIV3Schema
		if !strings.HasPrefix(root.Description, kind+" ") {
			t.Errorf("%s: the description begins otherwise: %q", kind, root.Description)
		}
		walk("", *root, func(path string, schema apiextensionsv1.JSONSchemaProps) {
			field := path[strings.LastIndexByte(path, '.')+1:]
			ours := !slices.ContainsFunc(native, func(n string) bool { return strings.HasPrefix(path, n+".") })
			if !ours || strings.HasSuffix(field, "]") || strings.HasSuffix(field, "}") || slices.Contains([]string{"apiVersion", "kind", "metadata"}, path) {
				return
			}
			if !strings.HasPrefix(schema.Description, field+" ") && !strings.HasPrefix(schema.Description, field+",") || !strings.HasSuffix(schema.Description, ".") {
				t.Errorf("%s: %s: want a sentence that begins with %q, got %q", kind, path, field, schema.Description)
			}
		})
	}
}

// TestEverythingInASpecIsBounded keeps the cost of CEL rules in bounds, and
// objects in what etcd takes. In a status only the lists and maps count: to
// refuse a long word there would lose the whole observation.
func TestEverythingInASpecIsBounded(t *testing.T) {
	for kind, crd := range crds(t) {
		walk("", *crd.Spec.Versions[0].Schema.OpenAPIV3Schema, func(path string, schema apiextensionsv1.JSONSchemaProps) {
			switch {
			case schema.Type == "array" && schema.MaxItems == nil:
				t.Errorf("%s: %s has no maxItems", kind, path)
			case schema.Type == "object" && schema.AdditionalProperties != nil && schema.MaxProperties == nil:
				t.Errorf("%s: %s has no maxProperties", kind, path)
			case strings.HasPrefix(path, "spec.") && schema.Type == "string" && schema.MaxLength == nil && schema.Enum == nil && schema.Format != "date-time":
				t.Errorf("%s: %s has no maxLength", kind, path)
			}
		})
	}
}

func TestSliceScales(t *testing.T) {
	scale := crds(t)["Slice"].Spec.Versions[0].Subresources.Scale
	if scale == nil || scale.SpecReplicasPath != ".spec.controllerReplicaCount" || scale.StatusReplicasPath != ".status.replicas" ||
		scale.LabelSelectorPath == nil || *scale.LabelSelectorPath != ".status.selector" {
		t.Errorf("the scale subresource is %+v", scale)
	}
}
