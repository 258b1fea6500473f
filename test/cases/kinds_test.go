package cases

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const resourceInstance = "KubernetesResourceInstance"

func TestCase04ServedVersionDropped(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "04-served-version-dropped")
	p.domain()
	p.apply("02-rights.yaml", "05-crd-two-versions.yaml")
	p.established("relics.case04.example.org")
	p.apply("10-blobs.yaml")
	p.ready(resourceInstance, "north")
	p.ready(resourceInstance, "south")

	p.apply("20-crd-one-version.yaml")
	p.until("v1alpha1 is not served", func(ctx context.Context) error {
		_, err := p.custom("case04.example.org", "v1alpha1", "relics").Namespace(p.namespace).List(ctx, metav1.ListOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("the answer was %w", err)
	})
	relics := p.custom("case04.example.org", "v1", "relics").Namespace(p.namespace)
	list, err := relics.List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)

	north := ours(resourceInstance, p.namespace, "north")
	p.remove(t.Context(), north)
	p.gone(north)
	_, err = relics.Get(t.Context(), "north", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "north's relic: %v", err)

	p.apply("30-south-without-relic.yaml")
	p.becomes(resourceInstance, "south", func(s *seen) bool {
		return s.is(xosv1.ConditionReady).Status == metav1.ConditionTrue && len(s.Status.Inventory) == 1
	})
	_, err = relics.Get(t.Context(), "south", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "south's relic: %v", err)
}

// Not in parallel: a blob that names a kind that does not exist would have what is known
// of kinds asked for anew.
func TestCase13DefinitionComesBackClusterScoped(t *testing.T) {
	p := newPlay(t, "13-crd-comes-back-cluster-scoped")
	p.domain()
	p.apply("02-rights.yaml", "05-crd-namespaced.yaml")
	p.established("towers.case13.example.org")
	p.apply("10-blob.yaml")
	p.ready(resourceInstance, "towers")
	towers := p.custom("case13.example.org", "v1", "towers")
	_, err := towers.Namespace(p.namespace).Get(t.Context(), "case-13-north", metav1.GetOptions{})
	require.NoError(t, err)

	p.delete("05-crd-namespaced.yaml")
	p.unready(resourceInstance, "towers", "")
	p.gone(named("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "towers.case13.example.org"))

	p.apply("20-crd-cluster.yaml")
	p.established("towers.case13.example.org")
	found := p.ready(resourceInstance, "towers")
	_, err = towers.Get(t.Context(), "case-13-north", metav1.GetOptions{})
	require.NoError(t, err)
	require.Len(t, found.Status.Inventory, 1)
	require.Empty(t, found.Status.Inventory[0].Namespace)

	blob := ours(resourceInstance, p.namespace, "towers")
	p.remove(t.Context(), blob)
	p.gone(blob)
	_, err = towers.Get(t.Context(), "case-13-north", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "the tower: %v", err)
}

// On a plane of its own: no namespace can end while the APIService is there.
func TestCase14BrokenAggregatedAPI(t *testing.T) {
	t.Parallel()
	fresh := plane.Fresh(t, plane.Options{CRDs: testkit.CRDs, Nodes: 1})
	p := playOn(t, fresh, "14-broken-aggregated-api")
	service := p.file("05-apiservice.yaml")[0]
	p.retried(func(ctx context.Context) error { return p.user.Apply(ctx, service) })
	services := p.custom("apiregistration.k8s.io", "v1", "apiservices")
	p.until("the APIService is known not to answer", func(ctx context.Context) error {
		found, err := services.Get(ctx, service.GetName(), metav1.GetOptions{})
		if err != nil {
			return err
		}
		conditions, _, _ := unstructured.NestedSlice(found.Object, "status", "conditions")
		for _, c := range conditions {
			if c, ok := c.(map[string]any); ok && c["type"] == "Available" && c["status"] == "False" {
				return nil
			}
		}
		return fmt.Errorf("conditions: %v", conditions)
	})
	// A manager that starts now is one that was restarted.
	p.manager = startManager(t, fresh)
	p.domain()
	p.apply("10-blobs.yaml", "11-foreign.yaml")
	p.ready(resourceInstance, "plain")
	p.until("another client's Deployment has its slice and instance", func(ctx context.Context) error {
		if _, err := p.custom(xosv1.GroupName, "v1", "slices").Namespace("default").Get(ctx, "c14-foreign", metav1.GetOptions{}); err != nil {
			return err
		}
		instances, err := p.custom(xosv1.GroupName, "v1", "kubernetesserviceinstances").Namespace("default").List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, i := range instances.Items {
			if slice, _, _ := unstructured.NestedString(i.Object, "spec", "slice"); slice == "c14-foreign" {
				return nil
			}
		}
		return errors.New("there is no instance of it")
	})
	p.unready(resourceInstance, "concerned", "", "Gauge")
	require.Equal(t, "red", p.configMap("concerned")["color"])

	domain := ours("TrustDomain", "", p.namespace)
	p.remove(t.Context(), domain)
	p.unready("TrustDomain", p.namespace, xosv1.ReasonTerminating, p.namespace)
	p.remove(t.Context(), service)
	p.gone(domain)
	p.gone(named("v1", "Namespace", "", p.namespace))
	left, err := p.custom(xosv1.GroupName, "v1", "kubernetesresourceinstances").List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Empty(t, left.Items)
}
