package chart

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

// hasMetrics checks that a manager at work has every metric of the alerts and the dashboard.
func (e *env) hasMetrics() {
	e.Helper()
	shown := map[string]bool{}
	for _, p := range e.kubelet.running() {
		url := fmt.Sprintf("http://%s:8080/metrics", p.host)
		request, err := http.NewRequestWithContext(e.Context(), http.MethodGet, url, nil)
		require.NoError(e, err)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(e, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(e, err)
		require.NoError(e, answer.Body.Close())
		for line := range strings.Lines(string(text)) {
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
