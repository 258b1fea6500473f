package fairqueue

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"k8s.io/client-go/tools/cache"
	testingclock "k8s.io/utils/clock/testing"
)

func TestAMonitorNamesWhatIsProcessedForTooLong(t *testing.T) {
	clock := testingclock.NewFakeClock(time.Unix(1_000_000, 0))
	var m Monitor
	q := NewWorkqueue("Slice", clock, newFairQueue(0), &m)
	defer q.ShutDown()
	web, db := cache.NewObjectName("shop", "web"), cache.NewObjectName("shop", "db")
	q.Add(web)
	q.Add(db)
	assert.Empty(t, m.Stuck(0), "what is queued is not processed")
	_, _ = q.Get()
	clock.Step(time.Minute)
	_, _ = q.Get()
	clock.Step(10 * time.Minute)
	assert.Empty(t, m.Stuck(11*time.Minute))
	assert.Equal(t, []string{"Slice shop/web for 11m0s"}, m.Stuck(10*time.Minute))
	q.Done(web)
	assert.Empty(t, m.Stuck(10*time.Minute))
	q.Add(web)
	_, _ = q.Get()
	assert.Equal(t, []string{"Slice shop/db for 10m0s"}, m.Stuck(time.Minute), "another pass over the same item begins anew")
}
