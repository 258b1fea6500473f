package faults_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// TestTheAPIServerRestarts stops the whole plane, and starts it with its data.
func TestTheAPIServerRestarts(t *testing.T) {
	s := newScene(t, 2)
	require.NotZero(t, s.plane.Pid(), "this test restarts the plane: unset XOS_PLANE_KUBECONFIG")
	s.start()
	l := s.startLoad(append(s.selected, s.other)...)
	l.more(40)
	l.end()
	s.plane.Stop(t)
	// Its output outlives the test.
	require.NoError(t, s.plane.Up(t.Context(), os.Stderr))
	// The manager watches again.
	s.broker.awaitOnDetails(s.pod(s.selected[0], "after").UID, created)
	l = s.startLoad(append(s.selected, s.other)...)
	l.more(40)
	l.end()
	s.settle()
}

// TestWatchesMissEvents has the manager's watch leave out events, which a full list sets
// right, and end because its version is too old.
func TestWatchesMissEvents(t *testing.T) {
	s := newScene(t, 2)
	p := newProxy(t, s.plane.Config())
	s.config.Host, s.config.CAFile, s.config.CAData = p.address, "", p.authority
	s.start()
	namespace := s.selected[0]
	ended, replaced := s.pod(namespace, "ended"), s.pod(namespace, "replaced")
	s.broker.awaitOnDetails(ended.UID, created)
	s.broker.awaitOnDetails(replaced.UID, created)

	p.drop(func(e watchEvent) bool {
		switch e.name {
		case "begun":
			return true
		case "ended":
			return e.what == "DELETED"
		case "replaced": // what remains is a change of a pod of another UID
			return e.what == "DELETED" || e.what == "ADDED"
		}
		return false
	})
	pods := s.kube.CoreV1().Pods(namespace)
	now := metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)}
	require.NoError(t, pods.Delete(t.Context(), "ended", now))
	require.NoError(t, pods.Delete(t.Context(), "replaced", now))
	begun, successor := s.pod(namespace, "begun"), s.pod(namespace, "replaced")
	l := s.startLoad(append(s.selected, s.other)...)
	s.broker.awaitOnDetails(ended.UID, deleted)
	s.broker.awaitOnDetails(begun.UID, created)
	s.broker.awaitOnDetails(replaced.UID, deleted)
	s.broker.awaitOnDetails(successor.UID, created)

	p.drop(nil)
	for i := range 3 {
		l.more(20)
		from := time.Now()
		// What the watch was about to show is lost with it.
		s.dying = append(s.dying, span{from.Add(-lossWindow), from})
		p.expire()
		s.broker.awaitOnDetails(s.pod(namespace, fmt.Sprint("after-", i)).UID, created)
		s.managerAway = append(s.managerAway, span{from, time.Now()}) // it had to list
	}
	l.end()
	s.settle()
}
