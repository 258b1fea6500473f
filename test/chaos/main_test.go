// Package chaos does at random what people, backup tools and failing machines do to
// the objects of a small environment, while managers are killed, frozen, doubled and cut
// off from the answers to their requests. Then one healthy manager settles, and the
// env is compared with what a fresh manager makes of the same custom resources in
// fresh namespaces.
//
// A walk is identified by its seed, which a failure prints with all steps:
//
//	XOS_CHAOS_SEED=42 go test ./test/chaos -run TestWalk -v
//
// Which steps are taken follows from the seed; when they meet which request of which
// manager does not, so that a fault may take several runs to come again. Further:
//
//   - XOS_CHAOS_WALKS is how many walks are made, with consecutive seeds.
//   - XOS_CHAOS_STEPS is how many steps a walk has.
//   - XOS_CHAOS_ALL=1 has walks take those steps too after which an environment was seen not to
//     settle: that the tracking metadata of a namespace of ours is removed by hand, and that the
//     namespace of the custom resources is deleted.
//   - go test -artifacts keeps the managers' logs of a walk that failed.
package chaos

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/program"
)

const (
	// waitTimeout is far longer than anything takes that does not wait for a backoff, of
	// which the longest is a minute.
	waitTimeout = 2 * time.Minute
	// quietPeriod is how long no manager sends anything at rest: counts are gathered for
	// 2 seconds.
	quietPeriod = 3 * time.Second
	// debounce is how long a status of objects under way may be delayed: many in one
	// namespace wait for each other.
	debounce = 8 * time.Second
)

func TestMain(m *testing.M) {
	os.Exit(plane.Main(m, plane.Options{CRDs: testkit.CRDs, Nodes: 2, AuditLog: true}))
}

// setting is a number out of the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	number, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, name)
	return number
}

// TestWalk makes walks of managers in this process, whose requests meet faults.
func TestWalk(t *testing.T) {
	first, walks, steps := setting(t, "XOS_CHAOS_SEED", 1), setting(t, "XOS_CHAOS_WALKS", 2), setting(t, "XOS_CHAOS_STEPS", 60)
	for seed := first; seed < first+walks; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			newWalk(t, seed, &crew{t: t, config: testkit.Deployed(t)}).run(int(steps))
		})
	}
}

// TestWalkOfProcesses makes a walk of managers that are processes of their own.
func TestWalkOfProcesses(t *testing.T) {
	first, walks, steps := setting(t, "XOS_CHAOS_SEED", 1), setting(t, "XOS_CHAOS_WALKS", 1), setting(t, "XOS_CHAOS_STEPS", 40)
	binary, err := program.Build(t.TempDir())
	require.NoError(t, err)
	for seed := first; seed < first+walks; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			newWalk(t, seed, &crew{t: t, config: testkit.Deployed(t), binary: binary}).run(int(steps))
		})
	}
}
