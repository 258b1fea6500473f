package faults_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"
)

// at is a moment of a history that is made up.
func at(second int) time.Time { return time.Unix(1_000_000+int64(second), 0) }

// of are the messages of a pod with these statuses.
func of(uid types.UID, statuses ...string) []told {
	var all []told
	for _, s := range statuses {
		id := string(uid) + "." + s
		if s == "" {
			id = ""
		}
		all = append(all, told{uid: uid, status: s, id: id, subject: "shop/web"})
	}
	return all
}

func TestTheOracleFindsWhatIsMissingDoubleOrOutOfOrder(t *testing.T) {
	lives := func(all ...life) []life { return all }
	pod := func(uid types.UID, born, ended int) life {
		l := life{uid: uid, namespace: "shop", name: "web", born: at(born)}
		if ended > 0 {
			l.ended = at(ended)
		}
		return l
	}
	for name, c := range map[string]struct {
		evidence evidence
		faults   []string // what each is to contain
		want     verdict
	}{
		"a pod that lives": {
			evidence: evidence{lives: lives(pod("a", 1, 0)), details: of("a", created, "updated"), inventory: of("a", created, "current", "updated")},
			want:     verdict{reported: 1},
		},
		"a pod that has ended": {
			evidence: evidence{lives: lives(pod("a", 1, 2)), details: of("a", created, deleted), inventory: of("a", created, deleted, "")},
			want:     verdict{reported: 1},
		},
		"no created": {
			evidence: evidence{lives: lives(pod("a", 1, 2)), details: of("a", deleted), inventory: of("a", created, deleted, "")},
			faults:   []string{`details begins with "deleted"`, "details has [deleted]"},
		},
		"created twice": {
			evidence: evidence{lives: lives(pod("a", 1, 0)), details: of("a", created, created), inventory: of("a", created)},
			faults:   []string{"details has [created created]"},
		},
		"no deleted": {
			evidence: evidence{lives: lives(pod("a", 1, 2)), details: of("a", created, "updated"), inventory: of("a", created, deleted, "")},
			faults:   []string{`details ends with "updated"`, "details has [created]"},
		},
		"deleted while it lives": {
			evidence: evidence{lives: lives(pod("a", 1, 0)), details: of("a", created, deleted), inventory: of("a", created, deleted, "")},
			faults:   []string{"details has [created deleted]", "inventory has"},
		},
		"no tombstone": {
			evidence: evidence{lives: lives(pod("a", 1, 2)), details: of("a", created, deleted), inventory: of("a", created, deleted)},
			faults:   []string{`inventory has ["created" "deleted"]`},
		},
		"on one topic alone": {
			evidence: evidence{lives: lives(pod("a", 2, 3)), details: of("a", created, deleted), managerAway: []span{{at(1), at(4)}}},
			faults:   []string{"inventory has []"},
		},
		"an update after the end": {
			evidence: evidence{lives: lives(pod("a", 1, 2)), details: of("a", created, deleted, "updated"), inventory: of("a", created, deleted, "")},
			faults:   []string{`details ends with "updated"`},
		},
		"a pod that nobody selected": {
			evidence: evidence{details: of("x", created)},
			faults:   []string{"which is none that the pull selects"},
		},
		"another id for a repetition": {
			evidence: evidence{
				lives: lives(pod("a", 1, 0)), details: of("a", created), inventory: of("a", created),
				uncommitted: []told{{uid: "a", status: created, id: "a.created.2"}},
			},
			faults: []string{`the ce_id is "a.created.2"`},
		},
		"a successor first": {
			evidence: evidence{
				lives:   lives(pod("a", 1, 2), pod("b", 3, 0)),
				details: append(of("b", created), of("a", created, deleted)...), inventory: append(of("b", created), of("a", created, deleted, "")...),
			},
			faults: []string{"before the end of a, its predecessor"},
		},
		"a successor first, though it began and ended right before a manager was frozen": {
			evidence: evidence{
				lives: lives(pod("a", 2, 3), pod("b", 5, 0)), managerAway: []span{{at(3), at(4)}}, dying: []span{{at(2), at(3)}},
				details: append(of("b", created), of("a", created, deleted)...), inventory: append(of("b", created), of("a", created, deleted, "")...),
			},
			want: verdict{reported: 2, late: 1},
		},
		"a successor before the end alone": {
			evidence: evidence{
				lives: lives(pod("a", 2, 3), pod("b", 5, 0)), managerAway: []span{{at(3), at(4)}}, dying: []span{{at(2), at(3)}},
				details: slices.Concat(of("a", created), of("b", created), of("a", deleted)), inventory: append(of("b", created), of("a", created, deleted, "")...),
			},
			faults: []string{"before the end of a, its predecessor"},
		},
		"not reported without a reason": {
			evidence: evidence{lives: lives(pod("a", 1, 4)), managerAway: []span{{at(2), at(5)}}},
			faults:   []string{"details has []", "inventory has []"},
		},
		"not reported while it lives": {
			evidence: evidence{lives: lives(pod("a", 2, 0)), managerAway: []span{{at(1), at(5)}}, rebuilt: at(9)},
			faults:   []string{"details has []", "inventory has []"},
		},
		"began and ended without a manager": {
			evidence: evidence{lives: lives(pod("a", 2, 3)), managerAway: []span{{at(1), at(4)}}},
			want:     verdict{unwatched: 1},
		},
		"began and ended right before a manager was killed": {
			evidence: evidence{lives: lives(pod("a", 2, 3)), managerAway: []span{{at(3), at(4)}}, dying: []span{{at(2), at(3)}}},
			want:     verdict{unkept: 1},
		},
		"began right before a manager was killed and ended before the next": {
			evidence: evidence{lives: lives(pod("a", 2, 5)), managerAway: []span{{at(3), at(6)}}, dying: []span{{at(1), at(3)}}},
			want:     verdict{unkept: 1},
		},
		"began long before a manager was killed and ended before the next": {
			evidence: evidence{lives: lives(pod("a", 1, 5)), managerAway: []span{{at(3), at(6)}}, dying: []span{{at(2), at(3)}}, kafkaAway: []span{{at(0), at(6)}}},
			faults:   []string{"details has []", "inventory has []"},
		},
		"ended right before a manager was killed, while Kafka was away": {
			evidence: evidence{
				lives: lives(pod("a", 2, 9)), managerAway: []span{{at(9), at(12)}}, dying: []span{{at(8), at(9)}}, kafkaAway: []span{{at(1), at(10)}},
			},
			want: verdict{unkept: 1},
		},
		"ended long before a manager was killed, while Kafka was away": {
			evidence: evidence{
				lives: lives(pod("a", 2, 7)), managerAway: []span{{at(9), at(12)}}, dying: []span{{at(8), at(9)}}, kafkaAway: []span{{at(1), at(10)}},
			},
			faults: []string{"details has []", "inventory has []"},
		},
		"forgotten with its namespace without a manager": {
			evidence: evidence{
				lives: lives(pod("a", 1, 4)), managerAway: []span{{at(2), at(6)}}, kafkaAway: []span{{at(0), at(2)}},
				forgotten: map[string]time.Time{"shop": at(3)},
			},
			want: verdict{forgotten: 1},
		},
		"forgotten with its namespace while a manager was there": {
			evidence: evidence{
				lives: lives(pod("a", 1, 4)), managerAway: []span{{at(2), at(3)}}, kafkaAway: []span{{at(0), at(9)}},
				forgotten: map[string]time.Time{"shop": at(4)},
			},
			faults: []string{"details has []", "inventory has []"},
		},
		"forgotten though it could have been announced": {
			evidence: evidence{
				lives: lives(pod("a", 1, 9)), managerAway: []span{{at(5), at(8)}}, kafkaAway: []span{{at(0), at(3)}, {at(5), at(8)}},
				forgotten: map[string]time.Time{"shop": at(7)},
			},
			faults: []string{"details has []", "inventory has []"},
		},
		"ended before Kafka was rebuilt": {
			evidence: evidence{lives: lives(pod("a", 1, 2)), rebuilt: at(3)},
			want:     verdict{outdated: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := judge(c.evidence)
			require.Len(t, got.faults, len(c.faults), "%q", got.faults)
			for i, want := range c.faults {
				require.Contains(t, got.faults[i], want)
			}
			if got.faults = nil; c.faults == nil {
				require.Equal(t, c.want, got)
			}
		})
	}
}
