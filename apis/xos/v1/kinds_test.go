package v1_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// kinds are the objects that the scheme knows, by the names of their kinds.
func kinds(t testing.TB) map[string]xosv1.Object {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := xosv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	objects := map[string]xosv1.Object{}
	for kind, goType := range scheme.KnownTypes(xosv1.SchemeGroupVersion) {
		if goType.PkgPath() != reflect.TypeFor[xosv1.Slice]().PkgPath() || strings.HasSuffix(kind, "List") {
			continue
		}
		object, ok := reflect.New(goType).Interface().(xosv1.Object)
		if !ok {
			t.Errorf("%s does not implement Object", kind)
			continue
		}
		objects[kind] = object
	}
	return objects
}

func TestEveryKindHasAListInTheScheme(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := xosv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	if got := len(kinds(t)); got != 15 {
		t.Errorf("there are %d kinds, want 15", got)
	}
	for kind := range kinds(t) {
		if !scheme.Recognizes(xosv1.SchemeGroupVersion.WithKind(kind + "List")) {
			t.Errorf("%sList is not in the scheme", kind)
		}
	}
}

func TestObjectStatusPointsIntoTheObject(t *testing.T) {
	for kind, object := range kinds(t) {
		object.GetObjectStatus().BackendHandle = "/api/v1/pods"
		if got := object.GetObjectStatus().BackendHandle; got != "/api/v1/pods" {
			t.Errorf("%s: what was written to the status is lost: got %q", kind, got)
		}
	}
}

func TestObjectsAreManagedUnlessTheySayOtherwise(t *testing.T) {
	tests := map[string]struct {
		xosManaged *bool
		want       bool
	}{
		"said nothing": {nil, true},
		"said yes":     {ptr.To(true), true},
		"said no":      {ptr.To(false), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for kind, object := range kinds(t) {
				spec := reflect.ValueOf(object).Elem().FieldByName("Spec")
				spec.FieldByName("XOSManaged").Set(reflect.ValueOf(test.xosManaged))
				if got := xosv1.IsManaged(object); got != test.want {
					t.Errorf("%s: IsManaged is %t, want %t", kind, got, test.want)
				}
			}
		})
	}
}

func TestLifecycleOfMaterializingKindsIsWhole(t *testing.T) {
	want := xosv1.Lifecycle{DeletionPolicy: xosv1.DeletionPolicyOrphan, Suspend: true, Adopt: xosv1.AdoptIfUnowned}
	for kind, object := range kinds(t) {
		lifecycle := reflect.ValueOf(object).Elem().FieldByName("Spec").FieldByName("Lifecycle")
		if !lifecycle.IsValid() {
			continue
		}
		lifecycle.Set(reflect.ValueOf(want))
		if got := object.GetLifecycle(); got != want {
			t.Errorf("%s: GetLifecycle is %+v, want %+v", kind, got, want)
		}
	}
}

// examples are the paths of a kind's example files.
func examples(t *testing.T, sort, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", sort, strings.ToLower(kind), "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestEveryKindHasExamples(t *testing.T) {
	for kind := range kinds(t) {
		if got := len(examples(t, "valid", kind)); got < 3 {
			t.Errorf("%s: there are %d valid examples, want 3 at least", kind, got)
		}
		if got := len(examples(t, "invalid", kind)); got < 6 {
			t.Errorf("%s: there are %d invalid examples, want 6 at least", kind, got)
		}
	}
}

func TestValidExamplesHaveNoFieldThatTheTypesLack(t *testing.T) {
	for kind, object := range kinds(t) {
		for _, file := range examples(t, "valid", kind) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for document := range strings.SplitSeq(string(content), "\n---\n") {
				into := reflect.New(reflect.TypeOf(object).Elem()).Interface()
				if err := yaml.UnmarshalStrict([]byte(document), into); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			}
		}
	}
}
