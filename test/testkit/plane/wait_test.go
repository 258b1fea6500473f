package plane

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// failing is a test that notes how it failed and goes on.
type failing struct {
	*testing.T
	with string
}

func (f *failing) Fatalf(format string, args ...any) {
	f.with = fmt.Sprintf(format, args...)
	panic(f)
}

// run runs test until it fails.
func (f *failing) run(test func()) {
	defer func() {
		if caught := recover(); caught != nil && caught != f {
			panic(caught)
		}
	}()
	test()
}

func TestAWaitEndsWhenWhatItWaitsForIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		Wait(t, time.Second, func(context.Context) (bool, string) {
			tries++
			return tries == 3, "not yet"
		})
		require.Equal(t, 3, tries)
	})
}

func TestAWaitInVainFailsWithTheLastReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		f := &failing{T: t}
		f.run(func() {
			Wait(f, 990*time.Millisecond, func(ctx context.Context) (bool, string) {
				if ctx.Err() != nil {
					return false, ctx.Err().Error()
				}
				return false, fmt.Sprintf("nothing since %v", time.Since(began).Truncate(100*time.Millisecond))
			})
		})
		require.Equal(t, "waited 990ms in vain: nothing since 900ms", f.with)
	})
}
