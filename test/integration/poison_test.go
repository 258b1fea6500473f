package integration

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-base/metrics/legacyregistry"

	"xos.opencord.org/kubernetes-service/controllers/store/decode"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// slices whose specs Go can't decode, or not in time.
const (
	badPort = `
kind: Slice
metadata: {name: bad-port}
spec:
  trustDomain: $domain
  controllerKind: Deployment
  template: {spec: {containers: [{name: main, image: registry.example/web:1, livenessProbe: {tcpSocket: {port: 99999999999}}}]}}
`
	slowQuantity = `
kind: Slice
metadata: {name: slow}
spec:
  trustDomain: $domain
  controllerKind: Deployment
  template: {spec: {containers: [{name: main, image: registry.example/web:1, resources: {limits: {cpu: "1e-99999999"}}}]}}
`
	badQuantity = `
kind: Slice
metadata: {name: web}
spec:
  trustDomain: $domain
  controllerKind: Deployment
  template: {spec: {containers: [{name: main, image: registry.example/web:2, resources: {limits: {cpu: "1e1.5"}}}]}}
`
	healthySlice = `
kind: Slice
metadata: {name: healthy}
spec:
  trustDomain: $domain
  controllerKind: Deployment
  template: {spec: {containers: [{name: main, image: registry.example/web:1}]}}
`
)

var registerDecodeMetrics = sync.OnceFunc(decode.RegisterMetrics)

// unbound takes the bounds off the CRD of slices, as an older one lacks them,
// until the function that it returns is called. Slices that are stored meanwhile
// stay as they are.
func (s *env) unbound() (bound func()) {
	s.Helper()
	p := plane.Shared(s.T)
	crds := apiextensions.NewForConfigOrDie(p.Config()).ApiextensionsV1().CustomResourceDefinitions()
	bound = sync.OnceFunc(func() { require.NoError(s, p.InstallCRDs(context.Background(), testkit.CRDs)) })
	s.Cleanup(bound)
	crd, err := crds.Get(s.Context(), "slices.xos.opencord.org", metav1.GetOptions{})
	require.NoError(s, err)
	takeOffBounds(crd.Spec.Versions[0].Schema.OpenAPIV3Schema)
	_, err = crds.Update(s.Context(), crd, metav1.UpdateOptions{FieldManager: "xos-plane"})
	require.NoError(s, err)
	return bound
}

func takeOffBounds(s *apiextensionsv1.JSONSchemaProps) {
	if s.XIntOrString {
		s.Minimum, s.Maximum, s.Pattern = nil, nil, ""
	}
	for name, property := range s.Properties {
		takeOffBounds(&property)
		s.Properties[name] = property
	}
	if s.Items != nil {
		takeOffBounds(s.Items.Schema)
	}
	if s.AdditionalProperties != nil {
		takeOffBounds(s.AdditionalProperties.Schema)
	}
}

// plant applies an object as soon as the API server takes it.
func (s *env) plant(manifest string) {
	s.Helper()
	object := documents(s, s.fill(manifest))[0]
	plane.Wait(s, testkit.Timeout, func(ctx context.Context) (bool, string) {
		_, err := s.resource(s, object, s.home).Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: "user", Force: true})
		return err == nil, "refused: " + errorText(err)
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestAnObjectThatCanNotBeDecodedIsItsOwnFailure shows one that is older than a
// bound of its CRD: it is reported, it loses nothing, it can be deleted, and
// no other object is affected, after a restart neither.
func TestAnObjectThatCanNotBeDecodedIsItsOwnFailure(t *testing.T) {
	registerDecodeMetrics()
	s := aloneEnv(t)
	s.startManager()
	s.addDomain("All")
	s.apply(webSlice)
	s.ready("Slice", "web")
	before := testkit.Must(s, s.kube.AppsV1().Deployments(s.domain).Get, "web")

	bound := s.unbound()
	s.plant(badPort)
	s.plant(slowQuantity)
	s.plant(badQuantity)
	bound()
	seen := func() {
		t.Helper()
		s.unready("Slice", "bad-port", "Invalid", "spec.template.spec.containers[0].livenessProbe.tcpSocket.port")
		s.unready("Slice", "slow", "Invalid", "spec.template.spec.containers[0].resources.limits[cpu]")
		s.unready("Slice", "web", "Invalid", "spec.template.spec.containers[0].resources.limits[cpu]")
		require.Equal(t, metav1.ConditionTrue, s.condition("Slice", "web", "Stalled"))
		after := testkit.Must(s, s.kube.AppsV1().Deployments(s.domain).Get, "web")
		require.Equal(t, before.UID, after.UID)
		require.Equal(t, before.Spec, after.Spec, "what is not wanted for sure was carried out")
	}
	seen()
	s.apply(healthySlice)
	s.ready("Slice", "healthy")
	require.Positive(t, undecodable(t))

	s.restart()
	seen()
	s.apply(strings.ReplaceAll(healthySlice, "healthy", "later"))
	s.ready("Slice", "later")
	for _, r := range s.settled(0).Writes() {
		require.NotContains(t, []string{"web", "bad-port", "slow"}, r.Name, "at rest: %s", r)
	}

	s.apply(strings.ReplaceAll(webSlice, "web:1", "web:3"))
	s.ready("Slice", "web")
	require.Equal(t, "registry.example/web:3", testkit.Must(s, s.kube.AppsV1().Deployments(s.domain).Get, "web").Spec.Template.Spec.Containers[0].Image)
}

func TestAnObjectThatCanNotBeDecodedIsDeletedWithWhatItMade(t *testing.T) {
	s := aloneEnv(t)
	s.startManager()
	s.addDomain("All")
	s.apply(webSlice)
	s.ready("Slice", "web")
	bound := s.unbound()
	s.plant(badQuantity)
	bound()
	s.unready("Slice", "web", "Invalid")
	s.delete("Slice", "web")
	testkit.AwaitGone(s, s.xos.XosV1().Slices(s.home).Get, "web")
	testkit.AwaitGone(s, s.kube.AppsV1().Deployments(s.domain).Get, "web")
}

// undecodable is how many objects could not be decoded, as the metric counts.
func undecodable(t *testing.T) float64 {
	t.Helper()
	families, err := legacyregistry.DefaultGatherer.Gather()
	require.NoError(t, err)
	sum := 0.0
	for _, family := range families {
		if family.GetName() == "xos_undecodable_objects_total" {
			for _, metric := range family.GetMetric() {
				sum += metric.GetCounter().GetValue()
			}
		}
	}
	return sum
}
