package plugin

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/adopt"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

func TestADeploymentIsTakenOverAndHandedBack(t *testing.T) {
	e := newEnv(t)
	e.apply(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1"}]}
`)
	slices, deployments := e.xos.XosV1().Slices(e.domain), e.kube.AppsV1().Deployments(e.domain)
	testkit.Await(e, slices.Get, "web", ready[*xosv1.Slice])
	uid := testkit.Must(e, deployments.Get, "web").UID

	out, err := e.run(adopt.NewCommand(), "slice/web")
	require.EqualError(t, err, "nothing was changed, since there is no terminal to ask on: --yes confirms")
	assert.Contains(t, out, "gets the annotation xos.opencord.org/adoptable")
	out, err = e.run(adopt.NewCommand(), "slice/web", "--dry-run", "server")
	require.NoError(t, err)
	assert.Contains(t, out, "slice.xos.opencord.org/web adopts Deployment "+e.domain+"/web (server dry run)\n")
	assert.False(t, xosv1.IsManaged(testkit.Must(e, slices.Get, "web")))
	assert.Empty(t, testkit.Must(e, deployments.Get, "web").Annotations[xosv1.AdoptableAnnotation])

	_, err = e.run(adopt.NewCommand(), "slice/web", "--yes", "--wait")
	require.NoError(t, err)
	taken := testkit.Must(e, deployments.Get, "web")
	assert.Equal(t, uid, taken.UID)
	assert.Equal(t, "true", taken.Annotations[xosv1.AdoptableAnnotation])
	assert.NotEmpty(t, taken.Annotations[xosv1.OwnerAnnotation])
	assert.True(t, xosv1.IsManaged(testkit.Must(e, slices.Get, "web")))
	out, err = e.run(adopt.NewCommand(), "slice/web")
	require.NoError(t, err, "there is nothing to ask")
	assert.Equal(t, "slice.xos.opencord.org/web unchanged\n", out)

	_, err = e.run(adopt.NewReleaseCommand(), "slice/web", "--yes", "--wait")
	require.NoError(t, err)
	released := testkit.Must(e, deployments.Get, "web")
	assert.Equal(t, uid, released.UID)
	assert.Empty(t, released.Annotations[xosv1.OwnerAnnotation])
}

func TestAConfigMapThatIsThereIsTakenOver(t *testing.T) {
	e := newEnv(t)
	maps := e.kube.CoreV1().ConfigMaps(e.domain)
	_, err := maps.Create(e.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "page"}, Data: map[string]string{"a": "1"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	e.apply("{kind: KubernetesConfigMap, metadata: {name: page}, spec: {data: {a: '1'}}}\n---\n{kind: KubernetesConfigMap, metadata: {name: none}, spec: {suspend: true}}")
	_, err = e.run(adopt.NewCommand(), "xcm/page", "xcm/none", "--yes")
	require.EqualError(t, err, "kubernetesconfigmap.xos.opencord.org/none: there is no ConfigMap "+e.domain+"/none to take over")
	assert.Empty(t, testkit.Must(e, maps.Get, "page").Annotations, "where one can't be, none is")
	_, err = e.run(adopt.NewCommand(), "xcm/page", "--yes", "--wait")
	require.NoError(t, err)
	assert.NotEmpty(t, testkit.Must(e, maps.Get, "page").Annotations[xosv1.AdoptedAnnotation])
}

// TestNothingIsTakenOverForAnotherTenant names a trust domain that does not admit the namespace.
func TestNothingIsTakenOverForAnotherTenant(t *testing.T) {
	e := newEnv(t)
	other, domains := e.domain+"-other", e.xos.XosV1().TrustDomains()
	e.apply("{kind: TrustDomain, metadata: {name: $domain-other}}")
	t.Cleanup(func() { require.NoError(t, domains.Delete(context.Background(), other, metav1.DeleteOptions{})) })
	testkit.Await(t, domains.Get, other, ready[*xosv1.TrustDomain])
	maps := e.kube.CoreV1().ConfigMaps(other)
	_, err := maps.Create(e.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "page"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	e.apply("{kind: KubernetesConfigMap, metadata: {name: page}, spec: {suspend: true, trustDomain: $domain-other}}")
	_, err = e.run(adopt.NewCommand(), "xcm/page", "--yes")
	require.ErrorContains(t, err, "TrustDomain "+other+" does not admit resources from namespace "+e.domain)
	assert.Empty(t, testkit.Must(e, maps.Get, "page").Annotations)
}
