// Package api shows what the API server makes of our CRDs: what it accepts,
// refuses, fills in and prints. No controller runs.
package api

import (
	"context"
	"os"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const crdDir = "../../crds"

func TestMain(m *testing.M) {
	os.Exit(plane.Main(m, plane.Options{CRDs: crdDir}))
}

// server is a client of our kinds, in a namespace of one test.
type server struct {
	client    dynamic.Interface
	namespace string
	resources map[string]apiextensionsv1.CustomResourceDefinition
}

func newServer(t *testing.T) *server {
	t.Helper()
	p := plane.Shared(t)
	crds, err := apiextensions.NewForConfigOrDie(p.Config()).ApiextensionsV1().CustomResourceDefinitions().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{
		client:    dynamic.NewForConfigOrDie(p.Config()),
		namespace: plane.Namespace(t, p),
		resources: map[string]apiextensionsv1.CustomResourceDefinition{},
	}
	for _, crd := range crds.Items {
		if crd.Spec.Group == xosv1.GroupName {
			s.resources[crd.Spec.Names.Kind] = crd
		}
	}
	return s
}

// of returns a client of an object's kind, and puts the object into the test's
// namespace where it has to be in one.
func (s *server) of(t *testing.T, object *unstructured.Unstructured) dynamic.ResourceInterface {
	t.Helper()
	crd, ok := s.resources[object.GetKind()]
	if !ok {
		t.Fatalf("%s has no CRD", object.GetKind())
	}
	resource := s.client.Resource(schema.GroupVersionResource{Group: crd.Spec.Group, Version: "v1", Resource: crd.Spec.Names.Plural})
	if crd.Spec.Scope == apiextensionsv1.ClusterScoped {
		return resource
	}
	object.SetNamespace(s.namespace)
	return resource.Namespace(s.namespace)
}

// put creates an object, or changes it where an earlier put created it. It
// refuses fields that the schema does not know. The object is deleted when the
// test ends.
func (s *server) put(t *testing.T, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	t.Helper()
	client := s.of(t, object)
	if object.GetResourceVersion() != "" {
		return client.Update(t.Context(), object, metav1.UpdateOptions{FieldValidation: metav1.FieldValidationStrict})
	}
	created, err := client.Create(t.Context(), object, metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict})
	if err == nil {
		t.Cleanup(func() {
			// The test's own context has ended by now.
			if err := client.Delete(context.Background(), object.GetName(), metav1.DeleteOptions{}); err != nil {
				t.Errorf("delete %s: %v", object.GetName(), err)
			}
		})
	}
	return created, err
}
