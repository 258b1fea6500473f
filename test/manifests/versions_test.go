package manifests

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// relics defines the kind Relic in a group, in a scope, and in v1alpha1 where that is
// served.
func relics(group, scope, alphaServed string) string {
	return `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: relics.` + group + `}
spec:
  group: ` + group + `
  scope: ` + scope + `
  names: {kind: Relic, plural: relics}
  versions:
    - {name: v1alpha1, served: ` + alphaServed + `, storage: false, schema: {openAPIV3Schema: {type: object}}}
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`
}

// relic is a ConfigMap and a Relic of one name.
func relic(group, version, name string) string {
	return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + "}}\n---\n{apiVersion: " + group + "/" + version + ", kind: Relic, metadata: {name: " + name + "}}\n"
}

func TestAnObjectIsFoundInAnotherVersionThanItWasAppliedIn(t *testing.T) {
	t.Parallel()
	s := administrator(t)
	group := s.domain + ".example.org"
	s.apply("definition", relics(group, "Namespaced", "true"))
	s.ready("definition")
	for _, name := range []string{"north", "south", "east"} {
		s.apply(name, relic(group, "v1alpha1", name))
		s.ready(name)
	}
	s.apply("definition", relics(group, "Namespaced", "false"))
	s.unready("north", xosv1.ReasonInvalid, "no kind Relic in "+group+"/v1alpha1, but in "+group+"/v1: write that", "the other one went well")
	found := s.reader(group, "v1", "relics", s.domain)
	for _, name := range []string{"north", "south", "east"} {
		testkit.Await(t, found, name, nil)
	}

	s.delete("north")
	testkit.Absent(t, found, "north")
	s.apply("south", "{apiVersion: v1, kind: ConfigMap, metadata: {name: south}}")
	require.Len(t, s.ready("south").Status.Inventory, 1)
	testkit.Absent(t, found, "south")
	uid := testkit.Await(t, found, "east", nil).GetUID()
	s.apply("east", relic(group, "v1", "east"))
	require.Equal(t, uid, entry(s.ready("east"), "Relic", "east").UID, "it is the same object")

	s.apply("west", relic(group, "v1", "west"))
	s.ready("west")
	s.apply("west", relic(group, "v1", "west"), func(i instance) { i.Spec.DeletionPolicy = xosv1.DeletionPolicyOrphan })
	s.delete("west")
	require.NotContains(t, testkit.Await(t, found, "west", nil).GetAnnotations(), xosv1.OwnerAnnotation)
}

func TestAKindThatComesBackInAnotherScopeIsFoundThere(t *testing.T) {
	t.Parallel()
	s := administrator(t)
	group := s.domain + ".example.org"
	s.apply("definition", relics(group, "Namespaced", "true"))
	s.ready("definition")
	s.apply("blob", relic(group, "v1", "north"))
	s.ready("blob")
	s.delete("definition")
	s.unready("blob", xosv1.ReasonFailed, "no kind Relic in "+group+"/v1")

	s.apply("definition", relics(group, "Cluster", "true"))
	s.ready("definition")
	i := s.until("blob", func(i instance) bool {
		return len(i.Status.Inventory) == 2 && entry(i, "Relic", "north").Namespace == ""
	})
	require.Equal(t, xosv1.HealthCurrent, entry(s.ready("blob"), "Relic", "north").Health, describe(i))
	testkit.Await(t, s.reader(group, "v1", "relics", ""), "north", nil)
	s.delete("blob")
	testkit.Absent(t, s.reader(group, "v1", "relics", ""), "north")
}

// An extension server that is not there, as a metrics server that does not start, makes
// discovery incomplete for everybody. The manager of this test has one after a restart.
func TestAnAggregatedAPIThatDoesNotAnswerConcernsItsKindsAlone(t *testing.T) {
	s := administrator(t)
	group := s.domain + ".example.org"
	services := s.dynamic.Resource(schema.GroupVersionResource{Group: "apiregistration.k8s.io", Version: "v1", Resource: "apiservices"})
	name := "v1beta1." + group
	_, err := services.Patch(t.Context(), name, types.ApplyPatchType, []byte(s.fill(`{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1beta1.$domain.example.org},
		spec: {group: $domain.example.org, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: {name: nobody-is-there, namespace: default}}}`)),
		metav1.PatchOptions{FieldManager: "test"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = services.Delete(context.Background(), name, metav1.DeleteOptions{}) })
	s.apply("plain", settings+"---\n{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: plain}, spec: {maxUnavailable: 1, selector: {matchLabels: {app: plain}}}}\n")
	s.apply("concerned", "{apiVersion: "+group+"/v1beta1, kind: Gauge, metadata: {name: a}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: concerned}}\n")
	s.ready("plain")
	s.unready("concerned", xosv1.ReasonFailed, "kind Gauge in "+group+"/v1beta1", "the other one went well")
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "concerned", nil)
	s.delete("concerned")
	s.delete("plain")
}
