// Package tenants attacks the manager, as one who may write no more than the
// namespaced kinds of xos.opencord.org in namespaces of its own; as one who may also
// write native objects in another; and now and then as an operator who is careless.
//
// A file of attacks is a table: what was there before, what the attacker does, and
// what must hold afterwards. Beside what a row says, each row asks that what was
// given before is unharmed, that no word of it shows where the attacker can look,
// that the tenant is served as before, and that the API server's audit log has no
// request that the rules of trust forbid (package oracle).
//
// To add a row, write it into the table of its family. The names in it that begin
// with "$" are those of the row's own namespaces; see cast_test.go.
package tenants

import (
	"os"
	"testing"
	"time"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const (
	// waitTimeout is far longer than anything takes that does not wait for a backoff.
	waitTimeout = 2 * time.Minute
	// interval is the time between two looks. Many rows wait at once.
	interval = 100 * time.Millisecond
	// quietPeriod is how long the manager sends nothing at rest. What fails is tried again
	// every minute at the least.
	quietPeriod = time.Second
	// parallelism is how many rows run at once: they wait more than they work.
	parallelism = 12
)

func TestMain(m *testing.M) {
	os.Exit(testkit.Main(m, plane.Options{CRDs: testkit.CRDs, Nodes: 2, AuditLog: true}, parallelism))
}

// families are the tables of attacks, by their names.
var families = map[string][]attack{
	"blob":          blobs,
	"principal":     principals,
	"impersonation": impersonations,
	"adoption":      adoptions,
	"secrets":       secrets,
	"pods":          pods,
	"domains":       domains,
	"records":       records,
	"tracking":      trackings,
	"poison":        poisons,
	"events":        pendings,
	"hiding":        hidings,
	"exhaustion":    exhaustions,
}

func TestTenants(t *testing.T) {
	w := newEnv(t)
	t.Run("attacks", func(t *testing.T) {
		for family, attacks := range families {
			t.Run(family, func(t *testing.T) {
				t.Parallel()
				for _, a := range attacks {
					t.Run(a.name, func(t *testing.T) {
						t.Parallel()
						a.play(t, w)
					})
				}
			})
		}
	})
	// What is measured must not be disturbed, nor disturb.
	t.Run("measured", func(t *testing.T) {
		for _, a := range measured {
			t.Run(a.name, func(t *testing.T) {
				w.rest(t)
				a.play(t, w)
			})
		}
	})
	t.Run("no request of the manager breaks a rule", w.judge)
}
