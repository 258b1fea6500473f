package reconciler

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/textlogger"

	"xos.opencord.org/kubernetes-service/controllers/store"
)

// filling is a cache that is filled when the test says so.
type filling struct {
	name   string
	filled atomic.Bool
}

func (f *filling) HasSynced() bool { return f.filled.Load() }
func (f *filling) String() string  { return f.name }

// TestWhoWaitsForACacheSaysForWhich lets the wait go on until it was told of.
func TestWhoWaitsForACacheSaysForWhich(t *testing.T) {
	full, empty := &filling{name: "pods"}, &filling{name: "cronjobs.batch"}
	full.filled.Store(true)
	var log told
	log.tell = func(line string) {
		assert.Contains(t, line, `caches=["cronjobs.batch"]`)
		empty.filled.Store(true)
	}
	ctx := klog.NewContext(t.Context(), textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(&log))))
	assert.True(t, fill(ctx, []store.Cache{full, empty, empty}, time.Millisecond))
	assert.NotZero(t, log.Len())
}

func TestWhoseCachesAreFilledSaysNothing(t *testing.T) {
	full := &filling{name: "pods"}
	full.filled.Store(true)
	var log told
	ctx := klog.NewContext(t.Context(), textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(&log))))
	assert.True(t, fill(ctx, []store.Cache{full}, time.Minute))
	assert.Zero(t, log.Len())
}

func TestTheWaitForACacheEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.False(t, fill(ctx, []store.Cache{&filling{name: "pods"}}, time.Minute))
}

func TestAControllerWaitsForAllThatItReads(t *testing.T) {
	y := newHarness(t)
	y.controller.opts.Shared = []store.Cache{&filling{name: "shared"}}
	var names []string
	for _, c := range y.controller.caches() {
		names = append(names, c.String())
	}
	require.ElementsMatch(t, []string{"shared", "parents.xos.opencord.org", "domains.xos.opencord.org", "configmaps"}, names)
}

// told is a log that a test hears of as it is written.
type told struct {
	bytes.Buffer
	tell func(line string)
}

func (o *told) Write(line []byte) (int, error) {
	if o.tell != nil {
		o.tell(string(line))
	}
	return o.Buffer.Write(line)
}
