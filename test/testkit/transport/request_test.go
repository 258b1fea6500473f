package transport

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRequestsAreClassified(t *testing.T) {
	for name, test := range map[string]struct {
		method, url, contentType, body string
		want                           Request
	}{
		"a list":  {"GET", "/api/v1/pods?limit=500", "", "", Request{Verb: "list", Resource: "pods"}},
		"a watch": {"GET", "/apis/apps/v1/namespaces/shop/deployments?watch=true", "", "", Request{Verb: "watch", Resource: "deployments", Namespace: "shop"}},
		"a get":   {"GET", "/api/v1/namespaces/shop/pods/web", "", "", Request{Verb: "get", Resource: "pods", Namespace: "shop", Name: "web"}},
		"a create, named in its body": {"POST", "/api/v1/namespaces/shop/configmaps", "application/json", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}`,
			Request{Verb: "create", Resource: "configmaps", Namespace: "shop", Name: "a"}},
		"a patch of a status": {"PATCH", "/apis/xos.opencord.org/v1/namespaces/shop/slices/front/status", "application/merge-patch+json", "{}",
			Request{Verb: "patch", Resource: "slices/status", Namespace: "shop", Name: "front"}},
		"an apply":                         {"PATCH", "/api/v1/namespaces/shop/configmaps/a", "application/apply-patch+yaml", "{}", Request{Verb: "apply", Resource: "configmaps", Namespace: "shop", Name: "a"}},
		"an apply in CBOR":                 {"PATCH", "/api/v1/namespaces/shop/configmaps/a", "application/apply-patch+cbor", "", Request{Verb: "apply", Resource: "configmaps", Namespace: "shop", Name: "a"}},
		"a deletion":                       {"DELETE", "/api/v1/namespaces/shop/pods/web", "", "", Request{Verb: "delete", Resource: "pods", Namespace: "shop", Name: "web"}},
		"a deletion of a collection":       {"DELETE", "/api/v1/namespaces/shop/pods", "", "", Request{Verb: "deletecollection", Resource: "pods", Namespace: "shop"}},
		"a namespace is named, not in one": {"PUT", "/api/v1/namespaces/shop", "", "", Request{Verb: "update", Resource: "namespaces", Name: "shop"}},
		"a namespace's own subresource":    {"PUT", "/api/v1/namespaces/shop/finalize", "", "", Request{Verb: "update", Resource: "namespaces/finalize", Name: "shop"}},
		"discovery is no resource":         {"GET", "/apis/apps/v1", "", "", Request{Verb: "get"}},
		"the version is no resource":       {"GET", "/version", "", "", Request{Verb: "get"}},
	} {
		t.Run(name, func(t *testing.T) {
			from := httptest.NewRequestWithContext(t.Context(), test.method, test.url, strings.NewReader(test.body))
			from.Header.Set("Content-Type", test.contentType)
			got, err := read(from)
			require.NoError(t, err)
			require.Equal(t, test.body, string(got.Body))
			got.Time, got.Body = test.want.Time, nil
			require.Equal(t, test.want, got)
		})
	}
}

func TestFaultsMeetTheRequestsTheyAreFor(t *testing.T) {
	sent := 0
	server := Func(func(*http.Request) (*http.Response, error) {
		sent++
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	})
	r := NewRecorder()
	crashed := r.CrashAt(t, 2, LoseAnswer{}, func(q Request) bool { return q.Resource == "pods" })
	client := r.Wrap(server)
	send := func(path string) error {
		response, err := client.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodDelete, path, http.NoBody))
		if err == nil {
			_ = response.Body.Close()
		}
		return err
	}
	require.NoError(t, send("/api/v1/namespaces/shop/pods/a"))
	require.NoError(t, send("/api/v1/namespaces/shop/secrets/a"))
	require.ErrorIs(t, send("/api/v1/namespaces/shop/pods/b"), errLost)
	<-crashed
	require.Equal(t, 3, sent, "the server has the request whose answer is lost")
	require.ErrorIs(t, send("/api/v1/namespaces/shop/secrets/b"), errLost)
	require.Equal(t, 3, sent, "nothing leaves a client after its crash")
	require.Equal(t, []string{"delete pods a", "delete secrets a", "delete pods b"}, r.Since(0).Lines())
}
