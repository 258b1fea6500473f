package reconciler

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"k8s.io/client-go/tools/cache"
)

// What is applied along with a new object has some time to arrive.
func TestANewObjectWaitsForWhatWasAppliedAlongWithIt(t *testing.T) {
	y := newHarness(t)
	y.gather = time.Second
	a := cache.NewObjectName("shop", "a")
	y.addDomain("shop")
	y.addParent("a", "shop")
	y.settle(t)
	y.controller.process(t.Context(), a) // as an event of something else brings it about
	assert.Empty(t, y.sent())

	y.clock.Step(time.Second)
	y.controller.process(t.Context(), a)
	assert.Equal(t, []string{"create children a", "patch parents/status a"}, y.sent())

	// One that was looked at before, here or by another manager, does not wait.
	y.change(func(p parent) { p.Spec.Data["color"] = "red" })
	y.settle(t)
	assert.NotEmpty(t, y.sent())
	y.children.Remove("shop/a")
	y.start(t)
	y.settle(t)
	assert.Equal(t, []string{"create children a"}, y.sent())

	// Nor does one that is deleted meanwhile.
	y.addParent("b", "shop")
	y.parents.Show()
	assert.Positive(t, y.controller.untilNotBefore(cache.NewObjectName("shop", "b")))
	y.parents.Remove("shop/b")
	y.settle(t)
	y.clock.Step(time.Second)
	y.controller.process(t.Context(), cache.NewObjectName("shop", "b"))
	assert.Empty(t, y.controller.notBefore, "nothing is remembered of it")
}
