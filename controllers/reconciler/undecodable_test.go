package reconciler

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// poison makes parent a one of which a field can't be decoded, which is left out.
func (y *harness) poison() {
	y.change(func(p parent) { p.Spec.Data, p.Status.Undecodable = nil, "spec.data is not a value of type map" })
}

func TestNothingIsDoneForAnObjectThatCanNotBeDecoded(t *testing.T) {
	y := newHarness(t)
	y.addDomain("shop")
	y.addParent("a", "shop")
	y.addParent("b", "shop")
	y.settle(t)
	y.sent()

	y.poison()
	y.settle(t)
	require.Equal(t, []string{"patch parents/status a"}, y.sent())
	ready := meta.FindStatusCondition(y.parents.Live["shop/a"].Status.Conditions, xosv1.ConditionReady)
	require.Equal(t, xosv1.ReasonInvalid, ready.Reason)
	require.Contains(t, ready.Message, "spec.data")
	require.Equal(t, map[string]string{"color": "blue"}, y.children.Live["shop/a"].Data)

	y.controller.enqueueAll()
	y.settle(t)
	require.Empty(t, y.sent(), "it is told again at rest")

	y.change(func(p parent) { p.Spec.Data, p.Status.Undecodable = map[string]string{"color": "red"}, "" })
	y.settle(t)
	require.Equal(t, map[string]string{"color": "red"}, y.children.Live["shop/a"].Data)
}

func TestAnObjectThatCanNotBeDecodedEndsAsAnyOther(t *testing.T) {
	for policy, left := range map[xosv1.DeletionPolicy]bool{"": false, xosv1.DeletionPolicyOrphan: true} {
		y := newHarness(t)
		y.addDomain("elsewhere")
		y.addParent("a", "elsewhere", func(p parent) { p.Spec.DeletionPolicy = policy })
		y.settle(t)
		require.Contains(t, y.children.Live, "elsewhere/a")
		y.poison()
		y.settle(t)
		y.parents.Remove("shop/a")
		y.settle(t)
		require.NotContains(t, y.parents.Live, "shop/a")
		_, there := y.children.Live["elsewhere/a"]
		require.Equal(t, left, there, policy)
	}
}

func TestAnObjectThatCanNotBeDecodedIsNotThereForOthers(t *testing.T) {
	y := newHarness(t)
	y.addParent("a", "shop")
	y.settle(t)
	own, name := y.controller.kind.Resource, cache.NewObjectName("shop", "a")
	a, ok := own.Get(name)
	require.True(t, ok)
	require.NoError(t, own.Decoded(a))
	y.poison()
	y.settle(t)
	_, ok = own.Get(name)
	require.False(t, ok)
	a, _ = own.Resource.Get(name)
	require.EqualError(t, own.Decoded(a), "KubernetesConfigMap shop/a can't be decoded: see its conditions")
}
