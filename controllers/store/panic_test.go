package store

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/cache"
	"k8s.io/component-base/metrics/legacyregistry"
)

// panics returns how many panics are counted over objects of a kind.
func panics(t *testing.T, kind string) (count float64) {
	t.Helper()
	families, err := legacyregistry.DefaultGatherer.Gather()
	require.NoError(t, err)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == "xos_panics_total" && m.GetLabel()[0].GetValue() == kind {
				count += m.GetCounter().GetValue()
			}
		}
	}
	return count
}

func TestACaughtPanicIsCountedAndAnError(t *testing.T) {
	RegisterMetrics()
	failed := errors.New("failed over it")
	work := func(thrown any) (err error) {
		defer CatchPanic("Lamp", cache.NewObjectName("shop", "hall"), &err, func() error { return failed })
		if thrown != nil {
			panic(thrown)
		}
		return nil
	}
	require.NoError(t, work(nil))
	assert.Zero(t, panics(t, "Lamp"))
	require.ErrorIs(t, work("a value"), failed)
	assert.InDelta(t, 1, panics(t, "Lamp"), 0)
}
