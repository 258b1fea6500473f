package chart

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// rare are metrics that the program shows from their first event on, which the tests of the chart
// do not cause, by the files that declare them.
var rare = map[string]string{
	"xos_contested_repairs_total":   "controllers/reconciler/metrics.go",
	"xos_panics_total":              "controllers/store/writemetrics.go",
	"xos_undecodable_objects_total": "controllers/store/decode/metrics.go",
	"xos_pull_resync_repairs_total": "pull/metrics.go",
}

// expressions are the PromQL of the alerts and of the dashboard, by where they are.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	var alerts struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	text, err := os.ReadFile(filepath.Join(chart, "files/alerts.yaml"))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &alerts))
	for _, group := range alerts.Groups {
		for _, rule := range group.Rules {
			found["alert "+rule.Alert] = rule.Expr
		}
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	text, err = os.ReadFile(filepath.Join(chart, "files/dashboard.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &dashboard))
	for _, panel := range dashboard.Panels {
		for i, target := range panel.Targets {
			found[fmt.Sprintf("panel %s %d", panel.Title, i)] = target.Expr
		}
	}
	require.Greater(t, len(found), 30)
	return found
}

// metric is a name in PromQL that has an underscore and is no function, aggregation or label: those
// of labels stand in braces or in parentheses after by.
var (
	metric = regexp.MustCompile(`[a-z]+(?:_[a-z]+)+`)
	labels = regexp.MustCompile(`\{[^}]*\}|by \([^)]*\)|\[[^\]]*\]|histogram_quantile`)
	suffix = regexp.MustCompile(`_bucket$`)
)

// scraper is the account that the release lets read metrics.
const scraper = "metrics.readers[0].namespace=default,metrics.readers[0].name=scraper"

// scrape reads the metrics of a pod over TLS, with a token or without one.
func (e *env) scrape(p *pod, token string) (int, string) {
	e.Helper()
	ports := p.Spec.Containers[0].Ports
	i := slices.IndexFunc(ports, func(port corev1.ContainerPort) bool { return port.Name == "metrics" })
	require.NotEqual(e, -1, i, "the pod has no port of metrics")
	request, err := http.NewRequestWithContext(e.Context(), http.MethodGet, fmt.Sprintf("https://%s:%d/metrics", p.host, ports[i].ContainerPort), nil)
	require.NoError(e, err)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	trusting := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // signed by itself
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trusting, DisableKeepAlives: true}}
	answer, err := client.Do(request)
	require.NoError(e, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(e, err)
	return answer.StatusCode, string(text)
}

// hasMetrics checks that a manager at work has every metric of the alerts and the dashboard, and
// shows them to the scraper alone.
func (e *env) hasMetrics() {
	e.Helper()
	accounts := e.CoreV1().ServiceAccounts("default")
	_, err := accounts.Create(e.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "scraper"}}, metav1.CreateOptions{})
	require.NoError(e, err)
	issued, err := accounts.CreateToken(e.Context(), "scraper", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(e, err)
	shown := map[string]bool{}
	for _, p := range e.kubelet.running() {
		code, text := e.scrape(p, "")
		require.Equal(e, http.StatusUnauthorized, code, text)
		code, text = e.scrape(p, issued.Status.Token)
		require.Equal(e, http.StatusOK, code, text)
		for line := range strings.Lines(text) {
			if name, is := strings.CutPrefix(line, "# TYPE "); is {
				name, _, _ = strings.Cut(name, " ")
				shown[name] = true
			}
		}
	}
	for where, expression := range expressions(e.T) {
		names := metric.FindAllString(labels.ReplaceAllString(expression, ""), -1)
		assert.NotEmpty(e, names, where)
		for _, found := range names {
			found = suffix.ReplaceAllString(found, "")
			if file := rare[found]; file != "" {
				text, err := os.ReadFile(filepath.Join(root, file))
				require.NoError(e, err)
				assert.Contains(e, string(text), `"`+found+`"`, "%s: %s", where, file)
				continue
			}
			assert.True(e, shown[found], "%s: the program has no metric %s", where, found)
		}
	}
}
