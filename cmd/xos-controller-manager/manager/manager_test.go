package manager

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

func check(t *testing.T, server *httptest.Server) error {
	t.Helper()
	m, err := New(&rest.Config{Host: server.URL}, Options{})
	require.NoError(t, err)
	return m.Check(t.Context())
}

func TestAnAPIServerOutOfReachIsNamed(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	assert.ErrorContains(t, check(t, server), "the API server at "+server.URL+" does not answer")
}

func TestMissingDefinitionsAreReportedWithTheWayToInstallThem(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/version" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(`{"gitVersion":"v1.36.3"}`))
	}))
	defer server.Close()
	err := check(t, server)
	assert.ErrorContains(t, err, "the cluster at "+server.URL+" does not know xos.opencord.org/v1")
	assert.ErrorContains(t, err, "kubectl apply -f crds/")
}
