package reconciler

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// TestProgressIsToldOnceASecondAndTheEndAtOnce steps through the life of an
// object whose status changes with each pass.
func TestProgressIsToldOnceASecondAndTheEndAtOnce(t *testing.T) {
	y := newHarness(t)
	y.controller.opts.StatusDebounce = time.Second
	var reached outcome.Outcome
	y.plan = func(_ parent, plan *Plan[parent]) error {
		plan.ComputeStatus(func(parent) outcome.Outcome { return reached })
		return nil
	}
	y.addParent("a", "shop")
	status := []string{"patch parents/status a"}
	for _, step := range []struct {
		what  string
		after time.Duration
		is    outcome.Outcome
		want  []string
	}{
		{"on its way, it may be ready in a moment", 0, outcome.InProgress("none of 3"), nil},
		{"and is told of only when it is not", time.Second, outcome.InProgress("none of 3"), status},
		{"more of it within the second waits", 300 * time.Millisecond, outcome.InProgress("1 of 3"), nil},
		{"until that is over", 700 * time.Millisecond, outcome.InProgress("2 of 3"), status},
		{"that it is ready is told at once", 0, outcome.Succeeded("3 of 3"), status},
		{"that it is not any more too", 0, outcome.InProgress("2 of 3"), status},
		{"and a failure", 0, outcome.Outcome{State: outcome.Stalled, Reason: "Failed", Message: "broken"}, status},
		{"a new beginning has its second", 0, outcome.InProgress("none of 3"), nil},
		{"in which it may be as it was", 0, outcome.Outcome{State: outcome.Stalled, Reason: "Failed", Message: "broken"}, nil},
		{"which leaves nothing behind", time.Hour, outcome.InProgress("none of 3"), nil},
	} {
		y.clock.Step(step.after)
		reached = step.is
		y.controller.enqueueAll()
		y.settle(t)
		assert.Equal(t, step.want, y.sent(), step.what)
	}
	y.parents.Remove("shop/a")
	y.settle(t)
	assert.Empty(t, y.controller.limiter.until, "nothing is remembered of what is gone")
}

func TestWhatIsLostAndMadeAgainHasASecondToBeAsItWas(t *testing.T) {
	y := newHarness(t)
	y.controller.opts.StatusDebounce = time.Second
	var reached outcome.Outcome
	y.plan = func(p parent, plan *Plan[parent]) error {
		y.own(plan, p, "shop", "a")
		plan.ComputeStatus(func(parent) outcome.Outcome { return reached })
		return nil
	}
	made, status := "create children a", "patch parents/status a"
	reached = outcome.Succeeded("1 of 1")
	y.addParent("a", "shop")
	y.settle(t)
	assert.Equal(t, []string{made, status}, y.sent())

	reached = outcome.InProgress("none of 1")
	y.children.Remove("shop/a")
	y.settle(t)
	assert.Equal(t, []string{made}, y.sent(), "it may be ready in a moment")
	reached = outcome.Succeeded("1 of 1")
	y.controller.enqueueAll()
	y.settle(t)
	assert.Empty(t, y.sent(), "and is")

	reached = outcome.InProgress("none of 1")
	y.children.Remove("shop/a")
	y.settle(t)
	y.controller.enqueueAll()
	y.settle(t)
	assert.Equal(t, []string{made}, y.sent(), "a second look has not more to say")
	y.clock.Step(time.Second)
	y.controller.enqueueAll()
	y.settle(t)
	assert.Equal(t, []string{status}, y.sent(), "it is not")
}

func TestNewsOfManyWaitsUntilThereIsRoomForIt(t *testing.T) {
	y := newHarness(t)
	y.controller.opts.StatusDebounce = time.Second
	reached := outcome.InProgress("on its way")
	y.plan = func(_ parent, plan *Plan[parent]) error {
		plan.ComputeStatus(func(parent) outcome.Outcome { return reached })
		return nil
	}
	const many = 25
	for n := range many {
		y.addParent(fmt.Sprintf("p%02d", n), "shop")
	}
	y.settle(t)
	assert.Empty(t, y.sent(), "each may be ready in a moment")
	for _, told := range []int{reportBurst, reportBurst, many - 2*reportBurst, 0} {
		y.clock.Step(time.Second + many*time.Second/reportRate)
		y.controller.enqueueAll()
		y.settle(t)
		assert.Len(t, y.sent(), told)
	}
	reached = outcome.Succeeded("done")
	y.controller.enqueueAll()
	y.settle(t)
	assert.Len(t, y.sent(), many, "the end is told of all at once")
}
