package launch

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"

	"xos.opencord.org/kubernetes-service/hack/manifests"
)

const (
	crdTimeout  = 30 * time.Second
	crdInterval = 20 * time.Millisecond
)

// InstallCRDs applies each CustomResourceDefinition in the *.yaml files of dir
// and waits until all are served. Those that are there already are replaced by
// what the files say.
func (p *Plane) InstallCRDs(ctx context.Context, dir string) error {
	crds, err := readCRDs(dir)
	if err != nil {
		return err
	}
	client, err := manifests.NewClient(p.Config())
	if err != nil {
		return err
	}
	for _, crd := range crds {
		if err := client.Apply(ctx, crd, "xos-plane"); err != nil {
			return err
		}
	}
	return p.awaitCRDs(ctx, crds)
}

func (p *Plane) awaitCRDs(ctx context.Context, crds []*unstructured.Unstructured) error {
	client, err := apiextensions.NewForConfig(p.Config())
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	for _, crd := range crds {
		err := wait.PollUntilContextTimeout(ctx, crdInterval, crdTimeout, true, func(ctx context.Context) (bool, error) {
			got, err := client.ApiextensionsV1().CustomResourceDefinitions().Get(ctx, crd.GetName(), metav1.GetOptions{})
			if err != nil {
				return false, err
			}
			return established(got), nil
		})
		if err != nil {
			return fmt.Errorf("wait for CustomResourceDefinition %s to be established: %w", crd.GetName(), err)
		}
	}
	return nil
}

func established(crd *apiextensionsv1.CustomResourceDefinition) bool {
	for _, condition := range crd.Status.Conditions {
		if condition.Type == apiextensionsv1.Established {
			return condition.Status == apiextensionsv1.ConditionTrue
		}
	}
	return false
}

// readCRDs returns the CustomResourceDefinitions of a directory, and nothing else
// that may be in its files.
func readCRDs(dir string) ([]*unstructured.Unstructured, error) {
	objects, err := manifests.ReadFiles(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	crds := slices.DeleteFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() != "CustomResourceDefinition" })
	if len(crds) == 0 {
		return nil, fmt.Errorf("no CustomResourceDefinition in %s", dir)
	}
	return crds, nil
}
