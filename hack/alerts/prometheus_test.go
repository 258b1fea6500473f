package alerts

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/template"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
	"github.com/stretchr/testify/require"
)

// interval is the time between two scrapes, and between two evaluations of an alert.
const interval = time.Minute

var promQL = parser.NewParser(parser.Options{})

// readRules returns the alerts by name, as Prometheus reads them.
func readRules(t *testing.T) map[string]rulefmt.Rule {
	t.Helper()
	text, err := os.ReadFile("../../charts/xos-kubernetes-service/files/alerts.yaml")
	require.NoError(t, err)
	groups, errs := rulefmt.Parse(text, false, model.UTF8Validation, promQL, slog.New(slog.DiscardHandler))
	require.Empty(t, errs)
	rules := map[string]rulefmt.Rule{}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			rules[rule.Alert] = rule
		}
	}
	return rules
}

// history is what was scraped: series at equal intervals from the beginning of time.
type history struct {
	series []storage.Series
	end    time.Time
}

// newHistory reads series in the notation of promtool's tests: name{label="value"} 0+1x10.
func newHistory(t *testing.T, lines []string) *history {
	t.Helper()
	h := &history{end: time.Unix(0, 0)}
	for _, line := range lines {
		of, values, err := promQL.ParseSeriesDesc(line)
		require.NoError(t, err, line)
		var samples []chunks.Sample
		for i, value := range values {
			at := time.Unix(0, 0).Add(time.Duration(i) * interval)
			if !value.Omitted {
				samples = append(samples, sample{at.UnixMilli(), value.Value})
			}
			if at.After(h.end) {
				h.end = at
			}
		}
		h.series = append(h.series, storage.NewListSeries(of, samples))
	}
	return h
}

// Querier implements storage.Queryable.
func (h *history) Querier(int64, int64) (storage.Querier, error) {
	return &storage.MockQuerier{SelectMockFunction: func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
		chosen := &seriesSet{}
		for _, s := range h.series {
			if matchAll(matchers, s.Labels()) {
				chosen.series = append(chosen.series, s)
			}
		}
		return chosen
	}}, nil
}

func matchAll(matchers []*labels.Matcher, of labels.Labels) bool {
	for _, m := range matchers {
		if !m.Matches(of.Get(m.Name)) {
			return false
		}
	}
	return true
}

// firing returns the summaries of an alert's instances that fire at the end of a history: those
// whose condition has held at each evaluation for as long as the alert asks for.
func (h *history) firing(t *testing.T, rule rulefmt.Rule) []string {
	t.Helper()
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, Parser: promQL})
	counts, last := map[uint64]int{}, promql.Vector{}
	evaluations := 0
	for at := h.end.Add(-time.Duration(rule.For)); !at.After(h.end); at = at.Add(interval) {
		query, err := engine.NewInstantQuery(t.Context(), h, nil, rule.Expr, at)
		require.NoError(t, err)
		vector, err := query.Exec(t.Context()).Vector()
		require.NoError(t, err)
		last = last[:0]
		for _, s := range vector {
			counts[s.Metric.Hash()]++
			last = append(last, s)
		}
		query.Close()
		evaluations++
	}
	var summaries []string
	for _, s := range last {
		if counts[s.Metric.Hash()] == evaluations {
			require.NotEmpty(t, h.expand(t, rule.Annotations["description"], s))
			summaries = append(summaries, h.expand(t, rule.Annotations["summary"], s))
		}
	}
	return summaries
}

// expand returns an annotation as Prometheus shows it.
func (h *history) expand(t *testing.T, text string, of promql.Sample) string {
	t.Helper()
	const definitions = "{{$labels := .Labels}}{{$value := .Value}}"
	data := template.AlertTemplateData(of.Metric.Map(), nil, "", of)
	expanded, err := template.NewTemplateExpander(t.Context(), definitions+text, "annotation", data, model.TimeFromUnixNano(h.end.UnixNano()), nil, nil, nil).Expand()
	require.NoError(t, err, text)
	require.NotContains(t, expanded, "<no value>", text)
	return expanded
}

// seriesSet implements storage.SeriesSet. It stands before the first of its series until Next.
type seriesSet struct {
	series []storage.Series
	next   int
}

func (s *seriesSet) Next() bool {
	s.next++
	return s.next <= len(s.series)
}
func (s *seriesSet) At() storage.Series              { return s.series[s.next-1] }
func (*seriesSet) Err() error                        { return nil }
func (*seriesSet) Warnings() annotations.Annotations { return nil }

// sample implements chunks.Sample, of a number.
type sample struct {
	at    int64
	value float64
}

func (s sample) T() int64                    { return s.at }
func (sample) ST() int64                     { return 0 }
func (s sample) F() float64                  { return s.value }
func (sample) H() *histogram.Histogram       { return nil }
func (sample) FH() *histogram.FloatHistogram { return nil }
func (sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample         { return s }
