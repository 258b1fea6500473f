package manifests

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// ours are the definitions of our kinds that are there.
func ours(ctx context.Context, client apiextensions.Interface) ([]apiextensionsv1.CustomResourceDefinition, error) {
	all, err := client.ApiextensionsV1().CustomResourceDefinitions().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var found []apiextensionsv1.CustomResourceDefinition
	for _, definition := range all.Items {
		if definition.Spec.Group == xosv1.GroupName {
			found = append(found, definition)
		}
	}
	return found, nil
}

func TestDefinitionsDeletedWithoutAManagerEndOnceOneRuns(t *testing.T) {
	// Not parallel: this takes a plane of its own, and its manager is stopped.
	p := plane.Fresh(t, plane.Options{CRDs: testkit.CRDs})
	config, err := inprocess.AsDeployed(t.Context(), p.Config(), "../../deploy/access.yaml", "../../deploy/role.yaml")
	require.NoError(t, err)
	s := newEnvOn(t, inprocess.Start(t, config), p.Config())
	s.apply("blob", settings+account)
	s.ready("blob")
	s.held()
	s.manager.Stop()

	client := apiextensions.NewForConfigOrDie(p.Config())
	definitions, err := ours(t.Context(), client)
	require.NoError(t, err)
	for _, definition := range definitions {
		require.NoError(t, client.ApiextensionsV1().CustomResourceDefinitions().Delete(t.Context(), definition.Name, metav1.DeleteOptions{}))
	}
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		left, err := ours(ctx, client)
		return err == nil && len(left) < len(definitions)/2, fmt.Sprintf("%d of %d definitions are left: %v", len(left), len(definitions), err)
	})
	inprocess.Launch(t, config, func(transport.Request) transport.Fault { return nil })
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		left, err := ours(ctx, client)
		var names []string
		for _, definition := range left {
			names = append(names, definition.Name)
		}
		return err == nil && len(left) == 0, fmt.Sprintf("definitions are left: %v (%v)", names, err)
	})
}
