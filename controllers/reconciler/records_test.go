package reconciler

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func unmanaged(p parent) { p.Spec.XOSManaged = ptr.To(false) }

// newInventory is a harness in which the pull keeps what is not managed.
func newInventory(t *testing.T) *harness {
	t.Helper()
	y := newHarness(t)
	y.inventory = true
	y.start(t)
	y.addDomain("shop")
	return y
}

func TestNoPassIsMadeOverARecordOfThePull(t *testing.T) {
	y := newInventory(t)
	y.addParent("a", "shop", unmanaged)
	passes := 0
	y.plan = func(parent, *Plan[parent]) error { passes++; return nil }
	y.settle(t)
	y.change(func(p parent) { p.Labels = map[string]string{"a": "b"} })
	y.settle(t)
	y.controller.enqueueAll()
	y.settle(t)
	assert.Empty(t, y.controller.kind.Resource.ByIndex("domain", "shop"), "no event of its domain enqueues it either")
	assert.Zero(t, passes)

	y.plan = nil
	y.change(func(p parent) { p.Spec.XOSManaged = nil })
	y.settle(t)
	assert.Contains(t, y.children.Live, "shop/a", "it is managed now")
	assert.Len(t, y.controller.kind.Resource.ByIndex("domain", "shop"), 1)
}

func TestWhatBecomesARecordGivesUpWhatItOwned(t *testing.T) {
	for sentence, meanwhile := range map[string]func(*harness){
		"while the manager runs": func(*harness) {},
		"while no manager runs":  func(y *harness) { y.start(t) },
	} {
		t.Run(sentence, func(t *testing.T) {
			y := newInventory(t)
			y.addParent("a", "shop")
			y.settle(t)
			require.NotEmpty(t, y.children.Live["shop/a"].Annotations[xosv1.OwnerAnnotation])
			y.change(unmanaged)
			meanwhile(y)
			y.settle(t)
			assert.Empty(t, y.children.Live["shop/a"].Annotations[xosv1.OwnerAnnotation])
		})
	}
}

func TestARecordThatAFinalizerOfOursHoldsIsReleased(t *testing.T) {
	y := newInventory(t)
	y.addParent("a", "shop", unmanaged, func(p parent) { p.Finalizers = []string{xosv1.CleanupFinalizer} })
	y.settle(t)
	assert.Empty(t, y.parents.Live["shop/a"].Finalizers)
	y.change(func(p parent) {
		p.Finalizers = []string{xosv1.CleanupFinalizer}
		p.DeletionTimestamp = ptr.To(metav1.Now())
	})
	y.settle(t)
	assert.NotContains(t, y.parents.Live, "shop/a")
}
