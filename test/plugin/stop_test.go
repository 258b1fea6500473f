package plugin

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/scale"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/stop"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// pods are the slice's pods.
func (e *env) pods() []corev1.Pod {
	e.Helper()
	pods, err := e.kube.CoreV1().Pods(e.domain).List(e.Context(), metav1.ListOptions{LabelSelector: xosv1.SliceLabel + "=web"})
	require.NoError(e, err)
	return pods.Items
}

func TestASliceIsStoppedScaledAndStarted(t *testing.T) {
	e := newEnv(t)
	e.apply(shop)
	e.awaitShop()
	slice := func() *xosv1.Slice { return testkit.Must(e, e.xos.XosV1().Slices(e.domain).Get, "web") }

	for _, dry := range []string{"client", "server"} {
		before := slice()
		out, err := e.run(stop.NewCommand(), "slice/web", "--dry-run", dry, "--wait")
		require.NoError(t, err)
		assert.Contains(t, out, "slice.xos.opencord.org/web stopped ("+map[string]string{"client": "dry run)\n", "server": "server dry run)\n"}[dry])
		_, err = e.run(scale.NewCommand(), "slice/web", "--replicas", "7", "--dry-run", dry)
		require.NoError(t, err)
		assert.Equal(t, before.Generation, slice().Generation)
	}

	out, err := e.run(stop.NewCommand(), "slice/web", "xsvc/shop", "--wait")
	require.NoError(t, err)
	assert.Equal(t, "slice.xos.opencord.org/web stopped\nservice.xos.opencord.org/shop stopped\n", out)
	assert.Empty(t, e.pods())
	out, err = e.run(stop.NewCommand(), "slice/web")
	require.NoError(t, err)
	assert.Equal(t, "slice.xos.opencord.org/web unchanged\n", out)

	out, err = e.run(scale.NewCommand(), "slice/web", "--replicas", "1")
	require.NoError(t, err)
	assert.Equal(t, "slice.xos.opencord.org/web scaled to 1\nnote: slice.xos.opencord.org/web: it is stopped: the number counts once it is started (kubectl xos start)\n", out)
	assert.Equal(t, ptr.To[int32](1), slice().Spec.ControllerReplicaCount)
	out, err = e.run(stop.NewStartCommand(), "slice/web", "--wait")
	require.NoError(t, err)
	assert.Equal(t, "slice.xos.opencord.org/web started\n", out)
	assert.Len(t, e.pods(), 1)

	_, err = e.run(scale.NewCommand(), "slice/web", "slice/none", "--replicas", "2", "--wait")
	require.EqualError(t, err, `slice.xos.opencord.org/none: slices.xos.opencord.org "none" not found`)
	assert.Len(t, e.pods(), 2, "the other one is scaled")
	_, err = e.run(stop.NewCommand(), "ksi/web-0")
	require.ErrorContains(t, err, "is a record of what another client manages")
	_, err = e.run(stop.NewCommand(), "site/farm")
	require.ErrorContains(t, err, `"site/farm": write one of td/NAME, prin/NAME`)
}

func TestWhatIsSuspendedIsNotReconciled(t *testing.T) {
	e := newEnv(t)
	e.apply("{kind: KubernetesConfigMap, metadata: {name: page}, spec: {data: {a: '1'}}}")
	maps := e.xos.XosV1().KubernetesConfigMaps(e.domain)
	testkit.Await(e, maps.Get, "page", ready[*xosv1.KubernetesConfigMap])
	out, err := e.run(stop.NewCommand(), "xcm/page", "--wait")
	require.NoError(t, err)
	assert.Contains(t, out, "kubernetesconfigmap.xos.opencord.org/page suspended\nnote: ")
	assert.True(t, testkit.Must(e, maps.Get, "page").Spec.Suspend)
	out, err = e.run(stop.NewStartCommand(), "xcm/page", "--wait")
	require.NoError(t, err)
	assert.Equal(t, "kubernetesconfigmap.xos.opencord.org/page resumed\n", out)
	assert.False(t, testkit.Must(e, maps.Get, "page").Spec.Suspend)
}
