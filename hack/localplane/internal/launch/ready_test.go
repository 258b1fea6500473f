package launch

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

func TestAWaitReportsPeriodicallyWhatItWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := &Plane{progress: newProgress(&out)}
		until := time.Now().Add(12 * time.Second)
		err := p.await(t.Context(), "godot", func(context.Context) error {
			if time.Now().Before(until) {
				return errors.New("nobody comes")
			}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, "[  5.0s] still waiting for godot: nobody comes\n[ 10.0s] still waiting for godot: nobody comes\n", out.String())
	})
}

func TestAFailedWaitReportsWhatWasMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Plane{progress: newProgress(new(bytes.Buffer))}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := p.await(ctx, "godot", func(context.Context) error { return errors.New("nobody comes") })
		require.EqualError(t, err, "waited 1s for godot: nobody comes")
	})
}

func TestAReportOfHealthIsCutDownToWhatFailed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed", http.StatusInternalServerError)
	}))
	defer server.Close()
	err := get(t.Context(), server.Client(), server.URL)
	require.EqualError(t, err, "500 Internal Server Error: [-]etcd failed: reason withheld")
}

func TestANodeTakesPodsOnceItIsReadyAndHasNoTaint(t *testing.T) {
	node := newNode(0)
	require.ErrorContains(t, schedulable(node), "condition Ready is not true")
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	node.Spec.Taints = []corev1.Taint{{Key: corev1.TaintNodeNotReady}}
	require.ErrorContains(t, schedulable(node), "taint node.kubernetes.io/not-ready")
	node.Spec.Taints = nil
	require.NoError(t, schedulable(node))
}
