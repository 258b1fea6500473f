package reconciler

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

func TestAnEndedOwnersChildStaysUnlessTheGarbageCollectorHasIt(t *testing.T) {
	for sentence, test := range map[string]struct {
		change func(*corev1.ConfigMap)
		seen   bool // whether the cache has seen the change
		gone   bool
	}{
		"untouched":           {func(*corev1.ConfigMap) {}, true, true},
		"orphaned by kubectl": {func(c *corev1.ConfigMap) { c.OwnerReferences = nil }, true, false},
		"orphaned, which the cache does not show": {func(c *corev1.ConfigMap) { c.OwnerReferences = nil }, false, false},
		"released by another leader":              {func(c *corev1.ConfigMap) { c.OwnerReferences, c.Annotations, c.Labels = nil, nil, nil }, true, false},
		"released, which the cache does not show": {func(c *corev1.ConfigMap) { c.OwnerReferences, c.Annotations, c.Labels = nil, nil, nil }, false, false},
		"with another owner beside": {func(c *corev1.ConfigMap) {
			c.OwnerReferences = append(c.OwnerReferences, metav1.OwnerReference{UID: "x"})
		}, true, false},
		"with a mark that another client took off":   {func(c *corev1.ConfigMap) { c.Annotations = nil }, true, false},
		"made another controller's, as an adoption ": {func(c *corev1.ConfigMap) { c.OwnerReferences[0].UID, c.OwnerReferences[0].Kind = "x", "App" }, true, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			y := newHarness(t)
			y.addDomain("shop")
			y.addParent("a", "shop")
			y.settle(t)
			child := y.children.Live["shop/a"].DeepCopy()
			test.change(child)
			unseen := y.children.Unseen
			if y.children.Put(child); !test.seen {
				y.children.Unseen = unseen
			}
			y.children.Show()
			for y.controller.queue.Len() > 0 { // what the change leads to while the owner lives is another subject
				name, _ := y.controller.queue.Get()
				y.controller.queue.Done(name)
			}
			y.parents.Remove("shop/a")
			y.settle(t)
			_, found := y.children.Live["shop/a"]
			assert.Equal(t, test.gone, !found)
		})
	}
}

// The finalizer that a policy takes does not depend on a pass that has come to its
// end.
func TestTheDeletionPolicyCountsWhateverStateTheObjectIsIn(t *testing.T) {
	for sentence, change := range map[string]func(*harness, parent){
		"at rest":   func(*harness, parent) {},
		"suspended": func(_ *harness, p parent) { p.Spec.Suspend = true },
		"waiting": func(y *harness, _ parent) {
			y.plan = func(parent, *Plan[parent]) error { return outcome.WaitFor("no domain") }
		},
		"invalid": func(y *harness, _ parent) {
			y.plan = func(parent, *Plan[parent]) error { return outcome.Refuse(xosv1.ReasonInvalid, "no") }
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			y := newHarness(t)
			y.addDomain("shop")
			y.addParent("a", "shop")
			y.settle(t)
			y.change(func(p parent) {
				p.Spec.DeletionPolicy = xosv1.DeletionPolicyOrphan
				change(y, p)
			})
			y.settle(t)
			require.True(t, Held(y.parents.Live["shop/a"]))
			y.parents.Remove("shop/a")
			y.settle(t)
			assert.Empty(t, y.parents.Live)
			left := y.children.Live["shop/a"]
			require.NotNil(t, left)
			assert.Empty(t, left.OwnerReferences)
			assert.Empty(t, left.Annotations)
		})
	}
}

func TestAPolicyThatChangedJustBeforeTheEndCounts(t *testing.T) {
	for sentence, edit := range map[string]func(parent){
		"to Orphan":        func(p parent) { p.Spec.DeletionPolicy = xosv1.DeletionPolicyOrphan },
		"to a mere record": func(p parent) { p.Spec.XOSManaged = new(bool) },
	} {
		t.Run(sentence, func(t *testing.T) {
			y := newHarness(t)
			y.addDomain("shop")
			y.addParent("a", "shop")
			y.settle(t)
			y.sent()
			y.change(edit)
			y.parents.Remove("shop/a") // before any pass
			y.settle(t)
			assert.Equal(t, []string{"patch children a"}, y.sent())
			assert.Empty(t, y.children.Live["shop/a"].OwnerReferences)
		})
	}
}

func TestAChildWhoseCreationWasNeverAnsweredEndsWithItsOwner(t *testing.T) {
	y := newHarness(t)
	y.addDomain("far")
	y.addParent("a", "far")
	y.Lose = func(write string) bool { return write == "create children a" }
	y.parents.Show()
	y.domains.Show()
	y.next(t)
	require.Len(t, y.children.Live, 1)
	unseen := y.children.Unseen
	y.children.Unseen = nil // the watch is behind
	y.parents.Remove("shop/a")
	y.clock.Step(time.Minute)
	y.controller.enqueueAll()
	y.settle(t)
	y.clock.Step(time.Minute)
	y.controller.enqueueAll()
	y.settle(t)
	assert.Empty(t, y.children.Live)
	y.children.Unseen = append(unseen, y.children.Unseen...)
	y.settle(t)
	assert.Empty(t, y.parents.Live)
}

func TestAfterARestartAnOldCacheLetsNothingGoTooEarly(t *testing.T) {
	y := newHarness(t)
	y.addDomain("far")
	y.addParent("a", "far")
	y.settle(t)
	y.parents.Remove("shop/a")
	stale := y.children.Live["far/a"]
	delete(y.children.Live, "far/a") // so that the new cache is filled without it
	y.start(t)
	y.children.Live["far/a"] = stale
	y.settle(t)
	assert.Empty(t, y.children.Live)
	y.clock.Step(store.AcceptedDeletionTTL)
	y.controller.enqueueAll()
	y.settle(t)
	assert.Empty(t, y.parents.Live)
}

func TestADeletionThatMetAChangeIsTriedAgain(t *testing.T) {
	y := newHarness(t)
	y.addDomain("far")
	y.addParent("a", "far")
	y.settle(t)
	child := y.children.Live["far/a"].DeepCopy()
	child.Labels["beside"] = "changed"
	y.children.Put(child)
	unseen := y.children.Unseen
	y.children.Unseen = nil // the cache does not show the change yet
	y.parents.Remove("shop/a")
	y.settle(t)
	require.NotEmpty(t, y.children.Live, "the version is another one")
	require.NotEmpty(t, y.parents.Live, "and so nothing is done")
	y.children.Unseen = unseen
	y.clock.Step(time.Minute)
	y.settle(t)
	y.settle(t)
	assert.Empty(t, y.children.Live)
	assert.Empty(t, y.parents.Live)
}

func TestADeletionWithoutEffectIsSentAgain(t *testing.T) {
	y := newHarness(t)
	y.addDomain("far")
	y.addParent("a", "far")
	y.settle(t)
	y.Swallow = func(write string) bool { return write == "delete children a" }
	y.parents.Remove("shop/a")
	y.settle(t)
	y.controller.enqueueAll()
	y.settle(t)
	deletions := func() (n int) {
		for _, w := range y.Writes {
			if w == "delete children a" {
				n++
			}
		}
		return n
	}
	require.Equal(t, 1, deletions(), "it is believed for a while")
	y.clock.Step(store.AcceptedDeletionTTL)
	y.controller.enqueueAll()
	y.Swallow = nil
	y.settle(t)
	assert.Equal(t, 2, deletions())
	assert.Empty(t, y.parents.Live)
}

func TestARefusedDeletionIsReported(t *testing.T) {
	y := newHarness(t)
	y.Answer = func(write string) error {
		if write == "delete children a" {
			return apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "a", errors.New("a policy"))
		}
		return nil
	}
	y.addDomain("far")
	y.addParent("a", "far")
	y.settle(t)
	y.parents.Remove("shop/a")
	y.settle(t)
	assert.Equal(t, xosv1.ReasonForbidden, y.ready(t, "a").Reason)
	assert.Contains(t, y.ready(t, "a").Message, "delete ConfigMap far/a")
}

func TestALongEndSaysWhatItWaitsFor(t *testing.T) {
	y := newHarness(t)
	y.addDomain("far")
	y.addParent("a", "far")
	y.settle(t)
	child := y.children.Live["far/a"].DeepCopy()
	child.Finalizers = []string{"example.org/slow"}
	y.children.Put(child)
	y.parents.Remove("shop/a")
	y.settle(t)
	assert.Equal(t, metav1.ConditionTrue, y.ready(t, "a").Status, "it has its time")
	y.clock.Step(terminationDebounce)
	require.Eventually(t, func() bool { return y.controller.queue.Len() > 0 }, time.Minute, time.Millisecond)
	y.settle(t)
	assert.Contains(t, y.ready(t, "a").Message, "waits for the end of ConfigMap far/a")
	y.sent()
	y.controller.Enqueue(cache.NewObjectName("shop", "a"), 0)
	y.settle(t)
	assert.Empty(t, y.sent(), "it is said once")
}
