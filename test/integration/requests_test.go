package integration

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// What settles at once costs one create and one status patch, whatever its kind,
// and a finalizer where the owner is in another namespace.
func TestACreationIsTwoWritesAndNoRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ kind, manifest, resource, native string }{
		"a config map": {"KubernetesConfigMap", settings, "kubernetesconfigmaps", "configmaps"},
		"a secret": {"KubernetesSecret", `
kind: KubernetesSecret
metadata: {name: settings}
spec: {trustDomain: $domain, stringData: {password: x}}`, "kubernetessecrets", "secrets"},
		"a principal": {"Principal", `
kind: Principal
metadata: {name: settings}
spec: {trustDomain: $domain}`, "principals", "serviceaccounts"},
	}
	for name, test := range tests {
		t.Run(name+" in the namespace of its trust domain", func(t *testing.T) {
			t.Parallel()
			s := sameNamespace(t)
			mark := s.manager.Mark()
			s.apply(test.manifest)
			s.ready(test.kind, "settings")
			require.Equal(t, []string{
				"create " + test.native + " settings",
				"patch " + test.resource + "/status settings",
			}, s.toTheEnd(mark).Lines())
		})
		t.Run(name+" in another namespace", func(t *testing.T) {
			t.Parallel()
			s := crossNamespace(t)
			mark := s.manager.Mark()
			s.apply(test.manifest)
			s.ready(test.kind, "settings")
			require.Equal(t, []string{
				"patch " + test.resource + " settings",
				"create " + test.native + " settings",
				"patch " + test.resource + "/status settings",
			}, s.toTheEnd(mark).Lines())
		})
	}
}

// toTheEnd is what was sent since a mark until all was settled, but for the reports
// that an object is on its way or waits, for which a busy machine has the time. A
// test that fails prints all of it.
func (s *env) toTheEnd(since transport.Mark) transport.Requests {
	s.Helper()
	sent := s.settled(since)
	s.Cleanup(func() {
		for _, r := range sent {
			if s.Failed() {
				s.Logf("sent at %s: %s: %s", r.Time.Format(time.TimeOnly), r, r.Body)
			}
		}
	})
	return sent.Where(func(r transport.Request) bool {
		gives := func(reason string) bool { return bytes.Contains(r.Body, []byte(`"reason":"`+reason+`"`)) }
		underway := gives(xosv1.ReasonProgressing) || gives(xosv1.ReasonReferenceNotFound)
		return !underway || !strings.HasSuffix(r.Resource, "/status")
	})
}

// A trust domain stays in sight until its namespace has ended, which takes a finalizer.
func TestACreationOfATrustDomainIsThreeWritesAndNoRead(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	require.Equal(t, []string{
		"patch trustdomains " + s.domain,
		"create namespaces " + s.domain,
		"patch trustdomains/status " + s.domain,
	}, s.toTheEnd(0).Lines())
}

func TestAChangeIsOneWriteAndOneStatus(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")

	mark := s.manager.Mark()
	s.apply(`
kind: KubernetesConfigMap
metadata: {name: settings}
spec: {trustDomain: $domain, data: {color: red}}`)
	s.ready("KubernetesConfigMap", "settings")
	require.Equal(t, []string{
		"patch configmaps settings", // claims the fields that the creation left as an update's, once in an object's life
		"apply configmaps settings",
		"patch kubernetesconfigmaps/status settings",
	}, s.toTheEnd(mark).Lines(), "the first change")

	mark = s.manager.Mark()
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	require.Equal(t, []string{
		"apply configmaps settings",
		"patch kubernetesconfigmaps/status settings",
	}, s.toTheEnd(mark).Lines(), "the second change")
}

func TestWhatDoesNotConcernTheNativeObjectCostsNothingBelow(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")

	mark := s.manager.Mark()
	s.apply(settings + "  suspend: false\n")
	s.ready("KubernetesConfigMap", "settings")
	require.Equal(t, []string{"patch kubernetesconfigmaps/status settings"}, s.settled(mark).Lines(),
		"only the generation that was seen is reported")

	mark = s.manager.Mark()
	s.apply(`
kind: KubernetesConfigMap
metadata: {name: settings, labels: {team: a}}
spec: {trustDomain: $domain, suspend: false, data: {color: blue, size: large}}`)
	require.Empty(t, s.settled(mark), "a label of the custom resource causes no request")
}

func TestASuccessIsNoEvent(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(settings)
	s.apply(web)
	s.ready("KubernetesConfigMap", "settings")
	s.ready("KubernetesServiceInstance", "web")
	s.settled(0)
	events, err := s.kube.EventsV1().Events(s.home).List(t.Context(), metav1.ListOptions{
		FieldSelector: "reportingController=xos-controller-manager",
	})
	require.NoError(t, err)
	require.Empty(t, events.Items)
	require.Empty(t, s.sent(0).To("events"))
}

func TestAFailureIsOneEvent(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(`
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}`)
	s.apply(settings)
	s.unready("KubernetesConfigMap", "settings", "NotOwned")
	require.Len(t, s.settled(0).Of("create", "events"), 1)
	events, err := s.kube.EventsV1().Events(s.home).List(t.Context(), metav1.ListOptions{
		FieldSelector: "reportingController=xos-controller-manager",
	})
	require.NoError(t, err)
	require.Len(t, events.Items, 1)
	event := events.Items[0]
	require.Equal(t, "NotOwned", event.Reason)
	require.Equal(t, "Warning", event.Type)
	require.Equal(t, "KubernetesConfigMap", event.Regarding.Kind)
	require.Equal(t, "settings", event.Regarding.Name)
}
