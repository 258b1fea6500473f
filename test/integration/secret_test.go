package integration

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
)

// canary is in every value of these tests, and must appear nowhere else.
const canary = inprocess.Canary

func (s *env) secrets() corev1client.SecretInterface { return s.kube.CoreV1().Secrets(s.domain) }

// requireNoCanary looks for a value in all that people get to see.
func (s *env) requireNoCanary(name string) {
	s.Helper()
	status, err := json.Marshal(testkit.Must(s, s.xos.XosV1().KubernetesSecrets(s.home).Get, name).Status)
	require.NoError(s, err)
	require.NotContains(s, string(status), canary)
	events, err := s.kube.EventsV1().Events(s.home).List(s.Context(), metav1.ListOptions{})
	require.NoError(s, err)
	for _, event := range events.Items {
		require.NotContains(s, event.Note, canary)
	}
	require.NotEmpty(s, s.manager.Log())
	require.NotContains(s, s.manager.Log(), canary)
}

func TestASecretHoldsTheDataOfItsSpec(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(`
kind: KubernetesSecret
metadata: {name: keys}
spec: {type: example.org/keys, data: {a: ` + "b3Blbi1zZXNhbWU=" + `}, stringData: {b: ` + canary + `}}`)
	s.ready("KubernetesSecret", "keys")
	made := testkit.Must(s, s.secrets().Get, "keys")
	require.Equal(t, corev1.SecretType("example.org/keys"), made.Type)
	require.Equal(t, map[string][]byte{"a": []byte(canary), "b": []byte(canary)}, made.Data)

	s.apply(`
kind: KubernetesSecret
metadata: {name: keys}
spec: {type: example.org/keys, stringData: {b: ` + canary + `-changed}}`)
	s.ready("KubernetesSecret", "keys")
	require.Equal(t, map[string][]byte{"b": []byte(canary + "-changed")}, testkit.Must(s, s.secrets().Get, "keys").Data)
	s.requireNoCanary("keys")
}

func TestASecretFollowsTheSecretsThatItTakesValuesFrom(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(`
kind: KubernetesSecret
metadata: {name: keys}
spec:
  trustDomain: $domain
  stringData: {own: ` + canary + `}
  dataFrom:
    - {name: source, items: [{key: password, as: db-password}]}`)
	s.unready("KubernetesSecret", "keys", xosv1.ReasonReferenceNotFound, "Secret $home/source of spec.dataFrom does not exist")

	const source = "apiVersion: v1\nkind: Secret\nmetadata: {name: source, annotations: {xos.opencord.org/shared-with: $domain}}\n"
	s.apply(source + "stringData: {user: " + canary + "}")
	s.unready("KubernetesSecret", "keys", xosv1.ReasonReferenceNotFound, "Secret $home/source of spec.dataFrom has no key password")
	testkit.AwaitGone(s, s.secrets().Get, "keys")

	s.apply(source + "stringData: {password: " + canary + "-1}")
	s.ready("KubernetesSecret", "keys")
	require.Equal(t, map[string][]byte{"own": []byte(canary), "db-password": []byte(canary + "-1")}, testkit.Must(s, s.secrets().Get, "keys").Data)

	s.apply(source + "stringData: {password: " + canary + "-2}")
	testkit.Await(s, s.secrets().Get, "keys", func(k *corev1.Secret) bool { return string(k.Data["db-password"]) == canary+"-2" })

	require.NoError(t, s.kube.CoreV1().Secrets(s.home).Delete(t.Context(), "source", metav1.DeleteOptions{}))
	s.unready("KubernetesSecret", "keys", xosv1.ReasonReferenceNotFound, "does not exist")
	require.Equal(t, canary+"-2", string(testkit.Must(s, s.secrets().Get, "keys").Data["db-password"]), "what was made stays until the source is back")
	s.requireNoCanary("keys")
}

// Where the trust domain is left out, the API refuses that already.
func TestASecretIsNotMadeOfItself(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {password: " + canary + "}")
	s.apply("kind: KubernetesSecret\nmetadata: {name: keys}\nspec: {trustDomain: $domain, adopt: IfUnowned, dataFrom: [{name: other}, {name: keys}]}")
	s.unready("KubernetesSecret", "keys", xosv1.ReasonInvalid, "spec.dataFrom names Secret $domain/keys, which this object makes: take another name for one of them")
	require.Equal(t, metav1.ConditionTrue, s.condition("KubernetesSecret", "keys", xosv1.ConditionStalled))
	require.NotContains(t, testkit.Must(s, s.secrets().Get, "keys").Annotations, xosv1.OwnerAnnotation)
}

func TestARefusedSecretDoesNotDiscloseItsValue(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: source}\nstringData: {password: " + canary + "}")
	s.apply(`
kind: KubernetesSecret
metadata: {name: login}
spec:
  type: kubernetes.io/dockerconfigjson
  dataFrom: [{name: source, items: [{key: password, as: .dockerconfigjson}]}]`)
	s.unready("KubernetesSecret", "login", xosv1.ReasonInvalid, ".dockerconfigjson")
	require.Equal(t, metav1.ConditionTrue, s.condition("KubernetesSecret", "login", xosv1.ConditionStalled))
	s.settled(0)
	s.requireNoCanary("login")
}
