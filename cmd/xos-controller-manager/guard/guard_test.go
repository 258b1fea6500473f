package guard

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	certutil "k8s.io/client-go/util/cert"
)

// cluster accepts the tokens "scraper" and "stranger", and lets the former get /metrics.
type cluster struct {
	*fake.Clientset
	down bool
}

func newCluster() *cluster {
	c := &cluster{Clientset: fake.NewClientset()}
	c.PrependReactor("create", "tokenreviews", func(a clienttesting.Action) (bool, runtime.Object, error) {
		if c.down {
			return true, nil, errors.New("connection refused: secret details")
		}
		review := a.(clienttesting.CreateAction).GetObject().(*authenticationv1.TokenReview).DeepCopy()
		review.Status.Authenticated = review.Spec.Token == "scraper" || review.Spec.Token == "stranger"
		review.Status.User = authenticationv1.UserInfo{Username: review.Spec.Token, Groups: []string{"g"}, Extra: map[string]authenticationv1.ExtraValue{"k": {"v"}}}
		return true, review, nil
	})
	c.PrependReactor("create", "subjectaccessreviews", func(a clienttesting.Action) (bool, runtime.Object, error) {
		review := a.(clienttesting.CreateAction).GetObject().(*authorizationv1.SubjectAccessReview).DeepCopy()
		review.Status.Allowed = review.Spec.User == "scraper" && review.Spec.Groups[0] == "g" && review.Spec.Extra["k"][0] == "v" &&
			*review.Spec.NonResourceAttributes == authorizationv1.NonResourceAttributes{Path: "/metrics", Verb: "get"}
		return true, review, nil
	})
	return c
}

func ask(g *Guard, method, path, authorization string) (int, string) {
	request := httptest.NewRequestWithContext(context.Background(), method, path, nil)
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	g.Protect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("figures")) })).ServeHTTP(w, request)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestAGuardAsksTheClusterWhoMayRead(t *testing.T) {
	for sentence, test := range map[string]struct {
		method, path, authorization string
		code                        int
	}{
		"who may":                       {http.MethodGet, "/metrics", "Bearer scraper", http.StatusOK},
		"the scheme in any case":        {http.MethodGet, "/metrics", "bearer scraper", http.StatusOK},
		"another path":                  {http.MethodGet, "/debug/pprof/", "Bearer scraper", http.StatusForbidden},
		"another method":                {http.MethodPost, "/metrics", "Bearer scraper", http.StatusForbidden},
		"who may not":                   {http.MethodGet, "/metrics", "Bearer stranger", http.StatusForbidden},
		"a token that nobody issued":    {http.MethodGet, "/metrics", "Bearer forged", http.StatusUnauthorized},
		"no token":                      {http.MethodGet, "/metrics", "", http.StatusUnauthorized},
		"an empty token":                {http.MethodGet, "/metrics", "Bearer ", http.StatusUnauthorized},
		"another scheme":                {http.MethodGet, "/metrics", "Basic scraper", http.StatusUnauthorized},
		"a token of more than any size": {http.MethodGet, "/metrics", "Bearer " + strings.Repeat("x", longestToken+1), http.StatusUnauthorized},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, body := ask(New(newCluster()), test.method, test.path, test.authorization)
			assert.Equal(t, test.code, code)
			assert.Equal(t, test.code == http.StatusOK, body == "figures", body)
		})
	}
}

func TestAGuardRemembersWhatWasDecided(t *testing.T) {
	c := newCluster()
	g := New(c)
	for range 100 {
		code, _ := ask(g, http.MethodGet, "/metrics", "Bearer scraper")
		require.Equal(t, http.StatusOK, code)
		code, _ = ask(g, http.MethodGet, "/metrics", "Bearer stranger")
		require.Equal(t, http.StatusForbidden, code)
	}
	assert.Len(t, c.Actions(), 4)
}

func TestAnUndecidedReaderIsRefusedAndAskedAboutAgain(t *testing.T) {
	c := newCluster()
	c.down = true
	g := New(c)
	code, body := ask(g, http.MethodGet, "/metrics", "Bearer scraper")
	assert.Equal(t, http.StatusServiceUnavailable, code)
	assert.Equal(t, "the API server does not decide about the token", body)
	c.down = false
	code, _ = ask(g, http.MethodGet, "/metrics", "Bearer scraper")
	assert.Equal(t, http.StatusOK, code)
}

func TestGuessedTokensDoNotReachTheAPIServerInNumbers(t *testing.T) {
	c := newCluster()
	g := New(c)
	busy := 0
	for i := range 500 {
		if code, _ := ask(g, http.MethodGet, "/metrics", "Bearer guess-"+strings.Repeat("x", i)); code == http.StatusTooManyRequests {
			busy++
		}
	}
	assert.Less(t, len(c.Actions()), 100)
	assert.Greater(t, busy, 400)
}

func TestACertificateIsReadAnewWhenItsFilesChange(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	write := func(host string, modified time.Time) {
		cert, key, err := certutil.GenerateSelfSignedCertKey(host, nil, nil)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(certFile, cert, 0o600))
		require.NoError(t, os.WriteFile(keyFile, key, 0o600))
		require.NoError(t, os.Chtimes(certFile, modified, modified))
	}
	_, err := TLSConfig(certFile, keyFile)
	require.ErrorContains(t, err, "read the certificate of the metrics: ")

	write("first.example.org", time.Unix(1_000_000, 0))
	files := &certificateFiles{cert: certFile, key: keyFile}
	host := func() string {
		files.checked = time.Time{} // as if the time were over
		got, err := files.current(&tls.ClientHelloInfo{})
		require.NoError(t, err)
		return got.Leaf.DNSNames[0]
	}
	assert.Equal(t, "first.example.org", host())
	write("second.example.org", time.Unix(2_000_000, 0))
	assert.Equal(t, "second.example.org", host())
	require.NoError(t, os.Remove(keyFile))
	require.NoError(t, os.Chtimes(certFile, time.Unix(3_000_000, 0), time.Unix(3_000_000, 0)))
	assert.Equal(t, "second.example.org", host(), "in the midst of a rotation the last one stays")
}
