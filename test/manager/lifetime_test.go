package manager

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/hack/plane/audit"
)

func TestALeaderThatIsCutOffIsGoneAndTheOtherLeads(t *testing.T) {
	s := newEnv(t)
	network := newProxy(t)
	first := start(t, "the first", network.url())
	led := holder(s.awaitLeader())
	s.addDomain()
	second := start(t, "the second", s.plane.Config().Host)
	s.addMaps("before", 3)
	s.awaitMaps("before", 3)

	cut := time.Now()
	network.cut()
	s.addMaps("meanwhile", 3)
	require.Equal(t, 1, first.exits(t))
	require.Less(t, first.Ended.Sub(cut), 15*time.Second)
	require.Contains(t, first.Log(), "xos-controller-manager: lead by Lease xos-system/xos-controller-manager: the Lease is lost: it was not renewed for")
	require.Contains(t, first.Log(), "the last attempt: ")

	s.awaitLeader(led, "")
	s.awaitMaps("meanwhile", 3)
	s.addMaps("after", 3)
	s.awaitMaps("after", 3)
	s.nothingDoubled()
	require.Equal(t, 200, second.health(t.Context()))
}

func TestALeaderWhoseLeaseIsTakenIsGoneAndLeavesTheLeaseAlone(t *testing.T) {
	s := newEnv(t)
	first := start(t, "the first", s.plane.Config().Host)
	s.awaitLeader()
	s.addDomain()
	taken := time.Now()
	_, err := s.kube.CoordinationV1().Leases(ownNamespace).Patch(t.Context(), leaseName, types.MergePatchType,
		[]byte(`{"spec":{"holderIdentity":"another"}}`), metav1.PatchOptions{})
	require.NoError(t, err)

	require.Equal(t, 1, first.exits(t))
	require.Less(t, first.Ended.Sub(taken), 15*time.Second)
	require.Contains(t, first.Log(), "the Lease is lost: another holds it")
	require.Equal(t, "another", holder(s.lease(t.Context())), "what is another's is not given back")
}

func TestALeaderThatIsAskedToStopGivesTheLeaseBack(t *testing.T) {
	s := newEnv(t)
	first := start(t, "the first", s.plane.Config().Host)
	led := holder(s.awaitLeader())
	second := start(t, "the second", s.plane.Config().Host)
	s.addDomain()
	s.addMaps("before", 3)
	s.awaitMaps("before", 3)

	first.signal(t, syscall.SIGTERM)
	require.Equal(t, 0, first.exits(t))
	asked := time.Now()
	s.awaitLeader(led, "")
	require.Less(t, time.Since(asked), 15*time.Second, "the other need not wait for the Lease to expire")
	s.addMaps("after", 3)
	s.awaitMaps("after", 3)
	s.nothingDoubled()
	second.signal(t, syscall.SIGTERM)
	require.Equal(t, 0, second.exits(t))
}

func TestAFrozenLeaderWritesNothingWhenItWakes(t *testing.T) {
	s := newEnv(t)
	first := start(t, "the first", s.plane.Config().Host)
	led := holder(s.awaitLeader())
	s.addDomain()
	second := start(t, "the second", s.plane.Config().Host)
	// It is frozen with much in hand, and has it in hand when it wakes.
	const many = 150
	s.addMaps("many", many)
	s.awaitMaps("many", 1)
	first.signal(t, syscall.SIGSTOP)
	taken := s.awaitLeader(led, "").Spec.AcquireTime
	s.awaitMaps("many", many)

	first.signal(t, syscall.SIGCONT)
	require.Equal(t, 1, first.exits(t))
	require.Contains(t, first.Log(), "the Lease is lost: it was not renewed for")
	require.Empty(t, s.sent(first, func(e audit.Event) bool {
		return e.Mutates() && e.Received.After(taken.Time)
	}), "writes of the first after the second led")
	s.nothingDoubled()
	require.NotEqual(t, led, holder(s.lease(t.Context())))
	require.Equal(t, 200, second.health(t.Context()))
}
