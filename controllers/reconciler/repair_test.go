package reconciler

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// written counts the writes to children since the last count.
func (y *harness) written() (n int) {
	for _, w := range y.sent() {
		if strings.HasPrefix(w, "apply children") || strings.HasPrefix(w, "create children") {
			n++
		}
	}
	return n
}

func TestAFightOverAChildIsPacedAndReported(t *testing.T) {
	for sentence, disturb := range map[string]func(*harness){
		"over a field": func(y *harness) {
			child := y.children.Live["shop/a"].DeepCopy()
			child.Data = map[string]string{"color": "theirs"}
			y.children.Put(child)
		},
		"over a mark of ours": func(y *harness) {
			child := y.children.Live["shop/a"].DeepCopy()
			child.Annotations[xosv1.AppliedAnnotation] = "theirs"
			y.children.Put(child)
		},
		"over its existence": func(y *harness) {
			if y.children.Live["shop/a"] != nil {
				y.children.Remove("shop/a")
			}
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			y := newHarness(t)
			y.addDomain("shop")
			y.addParent("a", "shop")
			y.settle(t)
			y.sent()
			for range 100 { // once a second and a half
				disturb(y)
				y.clock.Step(1500 * time.Millisecond)
				y.controller.enqueueAll()
				y.settle(t)
			}
			assert.LessOrEqual(t, y.written(), 2*freeRepairs+int(150*time.Second/RepairInterval))
			assert.Equal(t, xosv1.ReasonConflict, y.ready(t, "a").Reason)
			assert.Contains(t, y.ready(t, "a").Message, "another client")

			y.clock.Step(2 * contestWindow) // the other one has given up
			y.controller.enqueueAll()
			y.settle(t)
			y.clock.Step(2 * contestWindow)
			y.controller.enqueueAll()
			y.settle(t)
			assert.Equal(t, metav1.ConditionTrue, y.ready(t, "a").Status)
			assert.Equal(t, map[string]string{"color": "blue"}, y.children.Live["shop/a"].Data)
		})
	}
}

func TestARepairNowAndThenIsMadeAtOnce(t *testing.T) {
	y := newHarness(t)
	y.addDomain("shop")
	y.addParent("a", "shop")
	y.settle(t)
	y.sent()
	for range 10 {
		child := y.children.Live["shop/a"].DeepCopy()
		child.Data = map[string]string{"color": "theirs"}
		y.children.Put(child)
		y.settle(t)
		assert.Equal(t, 1, y.written())
		y.clock.Step(contestWindow + time.Second)
	}
}
