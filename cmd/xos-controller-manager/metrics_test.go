package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
)

// metric is what a scrape shows of a metric. Before its first sample that is nothing, and then
// typ is empty.
type metric struct{ typ, labels string }

// The program runs until it has registered all of its metrics, those of the client, of the
// leader election and of the queues included.
func TestTheMetricsPageListsWhatIsServed(t *testing.T) {
	served, documented := servedMetrics(t), documentedMetrics(t)
	for name, s := range served {
		d, ok := documented[name]
		if !assert.True(t, ok, "docs/metrics.md does not list %s, labels %q", name, s.labels) {
			continue
		}
		assert.Equal(t, s.labels, d.labels, "labels of %s in docs/metrics.md", name)
		if s.typ != "" {
			assert.Equal(t, s.typ, d.typ, "type of %s in docs/metrics.md", name)
		}
		// The convention holds for those without a sample too.
		assert.Equal(t, strings.HasSuffix(name, "_total"), d.typ == "counter", "%s is a %s in docs/metrics.md", name, d.typ)
	}
	for name := range documented {
		assert.Contains(t, served, name, "docs/metrics.md lists what is not served")
	}
}

func TestTheMetricsPageAlertsOnWhatIsServed(t *testing.T) {
	served := servedMetrics(t)
	queried := regexp.MustCompile(`\b(?:xos|workqueue|rest_client|leader_election)_\w*[a-z]\b`).FindAllString(metricsPage(t), -1)
	require.NotEmpty(t, queried)
	for _, name := range queried {
		assert.Contains(t, served, name, "docs/metrics.md names what is not served")
	}
}

// servedMetrics are the metrics that the program registers while it leads, by name.
func servedMetrics(t *testing.T) map[string]metric {
	t.Helper()
	led.Do(func() { leads(t) })
	served := map[string]metric{}
	for _, text := range descriptions(legacyregistry.Registerer().(metrics.Collector)) {
		parts := described.FindStringSubmatch(text)
		require.NotNil(t, parts, text)
		if name := parts[1]; !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			labels := strings.FieldsFunc(parts[2], func(r rune) bool { return r == ',' })
			slices.Sort(labels)
			served[name] = metric{labels: strings.Join(labels, ", ")}
		}
	}
	families, err := legacyregistry.DefaultGatherer.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if m, ours := served[family.GetName()]; ours {
			m.typ = strings.ToLower(family.GetType().String())
			served[family.GetName()] = m
		}
	}
	return served
}

// described is a description as its library prints it.
var described = regexp.MustCompile(`^Desc\{fqName: "(\w+)", .*, variableLabels: \{(.*)\}\}$`)

// descriptions are those of all that is registered, whose type D is of a library that this
// module does not import otherwise.
func descriptions[D interface{ String() string }](registry interface{ Describe(chan<- D) }) []string {
	all := make(chan D)
	go func() {
		defer close(all)
		registry.Describe(all)
	}()
	var texts []string
	for d := range all {
		texts = append(texts, d.String())
	}
	return texts
}

// documentedMetrics are the rows of the tables of docs/metrics.md.
func documentedMetrics(t *testing.T) map[string]metric {
	t.Helper()
	documented := map[string]metric{}
	for _, row := range metricRow.FindAllStringSubmatch(metricsPage(t), -1) {
		require.NotContains(t, documented, row[1], "twice in docs/metrics.md")
		labels := strings.Split(strings.ReplaceAll(row[3], "`", ""), ", ")
		slices.Sort(labels)
		documented[row[1]] = metric{row[2], strings.Join(labels, ", ")}
	}
	return documented
}

func metricsPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	return string(page)
}

var metricRow = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (counter|gauge|histogram) \\| ([^|]*?) ?\\| [^|]+ \\|$")

// led is done when leads has been called: the registry of the process takes the metrics of one manager.
var led sync.Once

// leads runs the program until it leads, against a server that knows its kinds, keeps a Lease and
// answers all else that it was not found.
func leads(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/version":
			_, _ = io.WriteString(w, `{"gitVersion":"v1.36.3"}`)
		case r.URL.Path == "/apis/"+xosv1.SchemeGroupVersion.String():
			list := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: xosv1.SchemeGroupVersion.String()}
			for kind := range scheme.Scheme.KnownTypes(xosv1.SchemeGroupVersion) {
				list.APIResources = append(list.APIResources, metav1.APIResource{Name: strings.ToLower(kind) + "s", Kind: kind})
			}
			assert.NoError(t, json.NewEncoder(w).Encode(list))
		case r.Method == http.MethodPost, r.Method == http.MethodPut: // of the Lease
			w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
			w.WriteHeader(http.StatusCreated)
			_, _ = io.Copy(w, r.Body)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(kubeconfig, []byte(`{"apiVersion":"v1","kind":"Config","current-context":"c",
"contexts":[{"name":"c","context":{"cluster":"c"}}],"clusters":[{"name":"c","cluster":{"server":"`+server.URL+`"}}]}`), 0o600))

	o := defaultOptions()
	o.kubeconfig, o.healthAddress, o.metricsAddress = kubeconfig, "0", "0"
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, o) }()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
	})
	// The pull's are the last to be registered.
	require.Eventually(t, func() bool {
		return slices.ContainsFunc(descriptions(legacyregistry.Registerer().(metrics.Collector)), func(text string) bool {
			return strings.Contains(text, `"xos_pulled_objects"`)
		})
	}, time.Minute, 10*time.Millisecond)
}
