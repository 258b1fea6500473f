package manager

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/textlogger"
)

func check(ctx context.Context, t *testing.T, server *httptest.Server) error {
	t.Helper()
	m, err := New(&rest.Config{Host: server.URL}, Options{})
	require.NoError(t, err)
	return m.Check(ctx)
}

// serve answers discovery, with the next of the given lists of kinds each time that the group is
// asked for, and with the last one ever after. It does not know the group where a list is empty.
func serve(t *testing.T, kinds ...[]string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/version" {
			_, _ = w.Write([]byte(`{"gitVersion":"v1.36.3"}`))
			return
		}
		now := kinds[0]
		if len(kinds) > 1 {
			kinds = kinds[1:]
		}
		if r.URL.Path != "/apis/xos.opencord.org/v1" || len(now) == 0 {
			http.NotFound(w, r)
			return
		}
		list := metav1.APIResourceList{GroupVersion: "xos.opencord.org/v1"}
		for _, kind := range now {
			list.APIResources = append(list.APIResources, metav1.APIResource{Name: strings.ToLower(kind) + "s", Kind: kind})
		}
		w.Header().Set("Content-Type", "application/json")
		assert.NoError(t, json.NewEncoder(w).Encode(list))
	}))
	t.Cleanup(server.Close)
	return server
}

func TestAnAPIServerOutOfReachIsNamed(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	assert.ErrorContains(t, check(t.Context(), t, server), "the API server at "+server.URL+" does not answer")
}

func TestMissingDefinitionsAreReportedWithTheWayToInstallThem(t *testing.T) {
	server := serve(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	assert.EqualError(t, check(ctx, t, server), "the cluster at "+server.URL+" does not know xos.opencord.org/v1; install the definitions first (kubectl apply -f crds/)")
}

// Whoever deletes the definitions while no manager runs needs one for what is left of some of them:
// that others are gone for good must not keep it from working.
func TestSomeDefinitionsAreEnoughToWork(t *testing.T) {
	var log bytes.Buffer
	ctx := klog.NewContext(t.Context(), textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(&log))))
	require.NoError(t, check(ctx, t, serve(t, definedKinds()[1:])))
	assert.Contains(t, log.String(), "these kinds are not reconciled until they are there")
}

func TestDefinitionsThatAreServedInAMomentAreWaitedFor(t *testing.T) {
	all := definedKinds()
	var log bytes.Buffer
	ctx := klog.NewContext(t.Context(), textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(&log))))
	require.NoError(t, check(ctx, t, serve(t, nil, all[2:], all)))
	assert.Equal(t, 1, strings.Count(log.String(), "Waiting for custom resource definitions"), log.String())
}
