package faults_test

import (
	"context"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const leaseName = "xos-controller-manager"

func TestManagersAreKilled(t *testing.T) {
	s := newScene(t, 2)
	s.start()
	l := s.startLoad(append(s.selected, s.other)...)
	for range 4 {
		l.more(10 + s.rand.IntN(50))
		s.kill()
		l.more(s.rand.IntN(40))
		s.start()
	}
	l.more(20)
	l.end()
	s.settle()
}

// TestAFrozenManagerIsFenced freezes the leader. Its Lease is taken away, so that it wakes
// within its term, as far as it knows: Kafka alone keeps it from publishing what it had in
// hand.
func TestAFrozenManagerIsFenced(t *testing.T) {
	s := newScene(t, 2)
	s.removeLease()
	elder := s.launch()
	s.awaitWorking(elder)
	l := s.startLoad(append(s.selected, s.other)...)
	for range 2 {
		younger := s.launch()
		l.more(10 + s.rand.IntN(30))
		require.NoError(t, elder.Signal(syscall.SIGSTOP))
		s.dies()
		s.removeLease()
		s.awaitWorking(younger)
		l.more(20 + s.rand.IntN(20))
		require.NoError(t, elder.Signal(syscall.SIGCONT))
		plane.Wait(t, waitTimeout, func(context.Context) (bool, string) {
			select {
			case <-elder.Done:
				return true, ""
			default:
				return false, elder.Name + " still runs, whose Lease another holds"
			}
		})
		require.Equal(t, 1, elder.ExitCode())
		require.Contains(t, elder.Log(), "the Lease is lost")
		elder = younger
	}
	l.end()
	s.manager = elder
	s.settle()
}

func (s *scene) removeLease() {
	s.Helper()
	err := s.kube.CoordinationV1().Leases(ownNamespace).Delete(s.Context(), leaseName, metav1.DeleteOptions{})
	if !apierrors.IsNotFound(err) {
		require.NoError(s, err)
	}
}
