package alerts

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scenario is what is scraped each minute, and the summary of the alert that has to fire then. An
// alert without one must not fire.
type scenario struct {
	alert, sentence string
	series          []string
	fires           []string
}

// scenarios have each alert fire, and not fire where it is about to.
var scenarios = []scenario{
	{"XOSNoLeader", "a leader and one that waits", []string{
		`leader_election_master_status{name="xos-controller-manager",instance="a"} 1x10`,
		`leader_election_master_status{name="xos-controller-manager",instance="b"} 0x10`,
	}, nil},
	{"XOSNoLeader", "both wait", []string{
		`leader_election_master_status{name="xos-controller-manager",instance="a"} 1x3 0x7`,
		`leader_election_master_status{name="xos-controller-manager",instance="b"} 0x10`,
	}, []string{"No XOS controller manager leads."}},
	{"XOSNoLeader", "one takes over within minutes", []string{
		`leader_election_master_status{name="xos-controller-manager",instance="a"} 1x3 0x7`,
		`leader_election_master_status{name="xos-controller-manager",instance="b"} 0x6 1x4`,
	}, nil},
	{"XOSNoLeader", "nothing is there to scrape", []string{`up{job="other"} 1x10`}, []string{"No XOS controller manager leads."}},

	{"XOSEventsDelayed", "Kafka has been away for a quarter of an hour", []string{`xos_events_oldest_pending_seconds 0+60x15`},
		[]string{"Events of pods have been waiting for Kafka for 15m 0s."}},
	{"XOSEventsDelayed", "it was away for eight minutes", []string{`xos_events_oldest_pending_seconds 0+60x8 0x7`}, nil},
	{"XOSEventsDelayed", "it keeps up", []string{`xos_events_oldest_pending_seconds 1x15`}, nil},

	{"XOSEventsLost", "the first event that was ever lost", []string{
		`xos_events_total{kind="slice",status="created",result="acknowledged"} 0+5x20`,
		`xos_events_total{kind="slice",status="created",result="lost"} _x18 1x2`,
	}, []string{"Events were lost."}},
	{"XOSEventsLost", "another one", []string{`xos_events_total{kind="slice",status="created",result="lost"} 3x19 4`}, []string{"Events were lost."}},
	{"XOSEventsLost", "some were, long ago", []string{`xos_events_total{kind="slice",status="created",result="lost"} 3x20`}, nil},
	{"XOSEventsLost", "a new leader counts anew", []string{
		`xos_events_total{kind="slice",status="created",result="lost",instance="a"} 3x10 stale`,
		`xos_events_total{kind="slice",status="created",result="acknowledged",instance="b"} _x10 0+1x10`,
	}, nil},

	{"XOSReconcileFailing", "two of three passes over slices fail, and none over images", []string{
		`xos_reconcile_total{kind="Slice",outcome="retrying"} 0+20x40`,
		`xos_reconcile_total{kind="Slice",outcome="ready"} 0+10x40`,
		`xos_reconcile_total{kind="Image",outcome="ready"} 0+10x40`,
	}, []string{"Most passes over Slice objects fail."}},
	{"XOSReconcileFailing", "they wait for what is missing, which is no failure", []string{
		`xos_reconcile_total{kind="Slice",outcome="waiting"} 0+20x40`,
		`xos_reconcile_total{kind="Slice",outcome="retrying"} 0+5x40`,
	}, nil},
	{"XOSReconcileFailing", "they failed for ten minutes", []string{
		`xos_reconcile_total{kind="Slice",outcome="error"} 0x20 0+20x10 200x10`,
		`xos_reconcile_total{kind="Slice",outcome="ready"} 0+10x40`,
	}, nil},

	{"XOSPanics", "the first panic", []string{`xos_panics_total{what="Slice"} _x18 1x2`}, []string{"The controllers panicked over Slice."}},
	{"XOSPanics", "one of yesterday", []string{`xos_panics_total{what="Slice"} 1x20`}, nil},

	{"XOSUndecodableObjects", "the first one", []string{`xos_undecodable_objects_total{kind="Image"} _x18 1x2`}, []string{"Image objects can't be decoded."}},
	{"XOSUndecodableObjects", "one of yesterday", []string{`xos_undecodable_objects_total{kind="Image"} 1x20`}, nil},

	{"XOSContestedRepairs", "another client sets a field back each minute", []string{`xos_contested_repairs_total{child="Service"} 0+1x60`},
		[]string{"Another client keeps changing Service objects that XOS manages."}},
	{"XOSContestedRepairs", "a person has tried it five times", []string{`xos_contested_repairs_total{child="Service"} 0x50 0+1x5 5x5`}, nil},

	{"XOSWatchMissedChanges", "a full list repaired pods", []string{`xos_pull_resync_repairs_total{missed="deleted"} 0x30 2x5`},
		[]string{"A full list found objects of the cluster that the watch had missed (deleted)."}},
	{"XOSWatchMissedChanges", "none did", []string{`xos_pull_resync_repairs_total{missed="deleted"} 2x70`}, nil},

	{"XOSQueueGrows", "more comes than is done", []string{`workqueue_depth{name="Slice"} 900+20x40`, `workqueue_depth{name="Image"} 0x40`},
		[]string{"The queue Slice has 1700 objects and grows."}},
	{"XOSQueueGrows", "a long queue is worked off", []string{`workqueue_depth{name="Slice"} 9000-50x40`}, nil},

	{"XOSWorkerStuck", "a pass does not end", []string{`workqueue_longest_running_processor_seconds{name="Slice"} 0+60x10`},
		[]string{"A worker of queue Slice has been at one object for 10m 0s."}},
	{"XOSWorkerStuck", "passes take seconds", []string{`workqueue_longest_running_processor_seconds{name="Slice"} 5x10`}, nil},

	{"XOSAPIServerErrors", "a quarter of the requests fail", []string{
		`rest_client_requests_total{code="200",method="PATCH",host="api"} 0+90x20`,
		`rest_client_requests_total{code="503",method="PATCH",host="api"} 0+20x20`,
		`rest_client_requests_total{code="<error>",method="PATCH",host="api"} 0+10x20`,
	}, []string{"The API server fails 25% of the manager's requests."}},
	{"XOSAPIServerErrors", "conflicts and what is not found are no failures of its", []string{
		`rest_client_requests_total{code="200",method="PATCH",host="api"} 0+10x20`,
		`rest_client_requests_total{code="404",method="GET",host="api"} 0+20x20`,
		`rest_client_requests_total{code="409",method="PATCH",host="api"} 0+20x20`,
	}, nil},
}

func TestAlertsFire(t *testing.T) {
	rules := readRules(t)
	fired := map[string]bool{}
	for _, s := range scenarios {
		rule, ok := rules[s.alert]
		require.True(t, ok, s.alert)
		assert.Equal(t, s.fires, newHistory(t, s.series).firing(t, rule), "%s: %s", s.alert, s.sentence)
		fired[s.alert] = fired[s.alert] || len(s.fires) > 0
	}
	for name := range rules {
		assert.True(t, fired[name], "%s never fires", name)
	}
}

// TestTheSeriesAreThoseThatTheManagerServes compares the series with docs/metrics.md, which a test
// of the manager compares with what it serves.
func TestTheSeriesAreThoseThatTheManagerServes(t *testing.T) {
	page, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	documented := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| \\w+ \\| (.*?) \\|").FindAllStringSubmatch(string(page), -1) {
		documented[row[1]] = slices.Sorted(maps.Keys(namesIn(row[2])))
	}
	for _, s := range scenarios {
		for _, line := range s.series {
			of, _, err := promQL.ParseSeriesDesc(line)
			require.NoError(t, err)
			name := of.Get(model.MetricNameLabel)
			if name == "up" {
				continue
			}
			var own []string
			of.Range(func(l labels.Label) {
				if l.Name != model.MetricNameLabel && l.Name != "instance" { // which Prometheus adds
					own = append(own, l.Name)
				}
			})
			require.Contains(t, documented, name)
			assert.ElementsMatch(t, documented[name], own, "%s: %s", s.alert, line)
		}
	}
}

func namesIn(cell string) map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("`, ", r) }) {
		names[name] = true
	}
	return names
}
