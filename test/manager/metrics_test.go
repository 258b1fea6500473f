package manager

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/program"
)

// TestMetricsAreReadByWhomTheClusterAllowsIt has the real API server decide: also about a process
// that does not lead.
func TestMetricsAreReadByWhomTheClusterAllowsIt(t *testing.T) {
	s := newEnv(t)
	namespace := plane.Namespace(t, s.plane)
	address := freeAddress(t)
	config := testkit.DeployedOn(t, s.plane)
	elder := start(t, "elder", config.Host)
	plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		return elder.health(ctx) == http.StatusOK, "elder does not answer"
	})
	waiting := program.Start(t, "waiting", binary, config, "--health-probe-bind-address=0", "--metrics-bind-address="+address, "--metrics-secure")

	scraper, stranger := s.token(namespace, "scraper"), s.token(namespace, "stranger")
	role := &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: namespace + "-metrics"},
		Rules:      []rbacv1.PolicyRule{{NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}}},
	}
	_, err := s.kube.RbacV1().ClusterRoles().Create(t.Context(), role, metav1.CreateOptions{})
	require.NoError(t, err)
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: "scraper"}},
	}
	_, err = s.kube.RbacV1().ClusterRoleBindings().Create(t.Context(), binding, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, s.kube.RbacV1().ClusterRoleBindings().Delete(context.Background(), role.Name, metav1.DeleteOptions{}))
		assert.NoError(t, s.kube.RbacV1().ClusterRoles().Delete(context.Background(), role.Name, metav1.DeleteOptions{}))
	})

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // signed by itself
	get := func(ctx context.Context, path, token string) (int, string) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+address+path, nil)
		require.NoError(t, err)
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := client.Do(request)
		if err != nil {
			return 0, err.Error()
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, string(body)
	}
	// Its first answer may be from before the binding is known.
	plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		code, body := get(ctx, "/metrics", scraper)
		return code == http.StatusOK, body
	})
	_, body := get(t.Context(), "/metrics", scraper)
	assert.Contains(t, body, "leader_election_master_status")
	for sentence, test := range map[string]struct {
		token string
		code  int
		body  string
	}{
		"nobody":            {"", http.StatusUnauthorized, "a bearer token that the cluster accepts is required\n"},
		"a forged token":    {scraper + "x", http.StatusUnauthorized, "a bearer token that the cluster accepts is required\n"},
		"without the right": {stranger, http.StatusForbidden, "the token's user may not do this: it takes the right to the verb for the path as a non-resource URL\n"},
	} {
		code, body := get(t.Context(), "/metrics", test.token)
		assert.Equal(t, test.code, code, sentence)
		assert.Equal(t, test.body, body, sentence)
	}
	assert.NotContains(t, waiting.Log(), scraper)
}

// token returns a token of a ServiceAccount that it creates.
func (s *env) token(namespace, account string) string {
	s.Helper()
	_, err := s.kube.CoreV1().ServiceAccounts(namespace).Create(s.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: account}}, metav1.CreateOptions{})
	require.NoError(s, err)
	issued, err := s.kube.CoreV1().ServiceAccounts(namespace).CreateToken(s.Context(), account, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(s, err)
	return issued.Status.Token
}
