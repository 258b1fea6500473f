package cluster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// answer writes a list or a status, as the API server does.
func answer(w http.ResponseWriter, code int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(body))
}

func refusal(code int, reason metav1.StatusReason) string {
	return fmt.Sprintf(`{"apiVersion":"v1","kind":"Status","status":"Failure","code":%d,"reason":%q}`, code, reason)
}

func connectTo(t *testing.T, handler http.HandlerFunc) *Connection {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := Connect(&rest.Config{Host: server.URL})
	require.NoError(t, err)
	return c
}

// TestListsAreReadInPages has a server with 501 slices, one of which can't be decoded.
func TestListsAreReadInPages(t *testing.T) {
	var pages []string
	c := connectTo(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/apis/xos.opencord.org/v1/namespaces/acme/slices", r.URL.Path)
		pages = append(pages, r.URL.Query().Get("limit")+" "+r.URL.Query().Get("continue"))
		if r.URL.Query().Get("continue") == "more" {
			answer(w, http.StatusOK, `{"apiVersion":"xos.opencord.org/v1","kind":"SliceList","items":[{"metadata":{"name":"bad"},"spec":{"maxInstances":"many"}}]}`)
			return
		}
		var items []map[string]any
		for i := range 500 {
			items = append(items, map[string]any{"metadata": map[string]any{"name": fmt.Sprint("s", i)}})
		}
		text, err := json.Marshal(map[string]any{
			"apiVersion": "xos.opencord.org/v1", "kind": "SliceList", "metadata": map[string]any{"continue": "more"}, "items": items,
		})
		assert.NoError(t, err)
		answer(w, http.StatusOK, string(text))
	})
	s, err := c.Read(t.Context(), "acme", Model("Slice")...)
	require.NoError(t, err)
	assert.Equal(t, []string{"500 ", "500 more"}, pages)
	assert.Len(t, s.Objects, 501)
	bad := s.Objects[500].(*xosv1.Slice)
	assert.Equal(t, snapshot.Ref{Kind: "Slice", Name: "bad"}, snapshot.RefOf(bad), "lists leave kinds out")
	assert.Contains(t, bad.Status.Undecodable, "spec.maxInstances")
}

func TestWhatCannotBeListedIsLeftOut(t *testing.T) {
	c := connectTo(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/v1/namespaces/acme/pods":
			answer(w, http.StatusForbidden, refusal(403, metav1.StatusReasonForbidden))
		case "/apis/xos.opencord.org/v1/sites":
			answer(w, http.StatusNotFound, refusal(404, metav1.StatusReasonNotFound))
		default:
			answer(w, http.StatusOK, `{"apiVersion":"xos.opencord.org/v1","kind":"SliceList","items":[{"metadata":{"name":"web"}}]}`)
		}
	})
	s, err := c.Read(t.Context(), "acme", append(Model("Slice", "Site"), Pods)...)
	require.NoError(t, err)
	assert.Len(t, s.Objects, 1)
	assert.ElementsMatch(t, []snapshot.Unread{
		{Resource: "pods", Namespace: "acme", Namespaced: true, Why: snapshot.Forbidden},
		{Resource: "sites.xos.opencord.org", Why: snapshot.NotServed},
	}, s.Unread)
}

func TestAServerThatFailsIsAnError(t *testing.T) {
	c := connectTo(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusInternalServerError, refusal(500, metav1.StatusReasonInternalError))
	})
	_, err := c.Read(t.Context(), "acme", Model("Slice")...)
	require.ErrorContains(t, err, "list slices.xos.opencord.org: ")
}

func TestTheKinds(t *testing.T) {
	assert.Len(t, Model(), len(snapshot.Kinds))
	assert.Len(t, ModelIn(""), len(snapshot.Kinds))
	for _, r := range ModelIn("acme", "TrustDomain") {
		assert.True(t, r.Namespaced || r.Kind == "TrustDomain", r.Kind)
	}
	for _, r := range []Resource{Namespaces, Pods} {
		c := connectTo(t, func(w http.ResponseWriter, q *http.Request) {
			answer(w, http.StatusOK, fmt.Sprintf(`{"apiVersion":%q,"kind":%q,"items":[{"metadata":{"name":"x"}}]}`, r.GroupVersion(), r.Kind+"List"))
		})
		s, err := c.Read(t.Context(), "", r)
		require.NoError(t, err, r.Kind)
		require.Len(t, s.Objects, 1, r.Kind)
		assert.Equal(t, r.Kind, snapshot.RefOf(s.Objects[0]).Kind)
	}
}

const kubeconfig = `apiVersion: v1
kind: Config
current-context: one
clusters:
- {name: c, cluster: {server: "https://c.example.org"}}
users:
- {name: u, user: {token: t}}
contexts:
- {name: one, context: {cluster: c, user: u}}
- {name: two, context: {cluster: c, user: u, namespace: acme}}
`

func TestFlagsChooseTheClusterAsKubectlsDo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(file, []byte(kubeconfig), 0o600))
	for want, f := range map[string]Flags{
		"default": {}, "acme": {Context: "two"}, "x": {Context: "two", Namespace: "x"}, "": {Context: "two", AllNamespaces: true},
	} {
		f.Kubeconfig = file
		c, err := f.Connect()
		require.NoError(t, err)
		assert.Equal(t, want, c.Namespace)
	}
	f := Flags{Kubeconfig: file, As: "jane", AsGroups: []string{"a", "b"}, RequestTimeout: "7s"}
	config, err := f.Config()
	require.NoError(t, err)
	assert.Equal(t, "jane", config.Impersonate.UserName)
	assert.Equal(t, []string{"a", "b"}, config.Impersonate.Groups)
	assert.Equal(t, "7s", config.Timeout.String())
	contexts, err := f.Contexts()
	require.NoError(t, err)
	assert.Equal(t, []string{"one", "two"}, contexts)
	for _, broken := range []Flags{{Kubeconfig: file, Context: "three"}, {Kubeconfig: file + "-not"}, {Kubeconfig: file, RequestTimeout: "soon"}} {
		_, err := broken.Connect()
		require.Error(t, err)
	}
}
