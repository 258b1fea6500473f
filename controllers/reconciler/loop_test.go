package reconciler

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/fairqueue"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// TestEachChangeCostsTheFewestWrites tells a life in steps. Each begins at rest,
// and lists all that is written until rest comes back.
func TestEachChangeCostsTheFewestWrites(t *testing.T) {
	y := newHarness(t)
	for _, step := range []struct {
		what string
		do   func()
		want []string
	}{
		{"a parent without its domain only says so", func() { y.addParent("a", "shop") }, []string{"patch parents/status a"}},
		{"the domain's arrival makes the child", func() { y.addDomain("shop") }, []string{"create children a", "patch parents/status a"}},
		{"nothing happens at rest", func() { y.controller.enqueueAll() }, nil},
		{"the first change claims the fields of the create", func() {
			y.change(func(p parent) { p.Spec.Data["color"] = "red" })
		}, []string{"patch children a", "apply children a", "patch parents/status a"}},
		{"the next change is one write and one status", func() {
			y.change(func(p parent) { p.Spec.Data["color"] = "green" })
		}, []string{"apply children a", "patch parents/status a"}},
		{"what another client changed is set right", func() {
			child := y.children.Live["shop/a"].DeepCopy()
			child.Data["color"] = "hacked"
			y.children.Put(child)
		}, []string{"apply children a"}},
		{"what another client added beside is left", func() {
			child := y.children.Live["shop/a"].DeepCopy()
			child.Labels["team"] = "storefront"
			y.children.Put(child)
		}, nil},
		{"a child that somebody deleted comes back", func() { y.children.Remove("shop/a") }, []string{"create children a"}},
		{"a domain's status matters to nobody", func() {
			d := y.domains.Live["shop"].DeepCopy()
			d.Status.Phase = "Active"
			y.domains.Put(d)
		}, nil},
		{"suspended, nothing is done but said", func() {
			y.change(func(p parent) { p.Spec.Suspend, p.Spec.Data = true, map[string]string{"x": "y"} })
		}, []string{"patch parents/status a"}},
		{"resumed, it catches up", func() {
			y.change(func(p parent) { p.Spec.Suspend = false })
		}, []string{"patch children a", "apply children a", "patch parents/status a"}},
		{"its end is the child's", func() { y.parents.Remove("shop/a") }, []string{"delete children a"}},
	} {
		step.do()
		y.settle(t)
		assert.Equal(t, step.want, y.sent(), step.what)
	}
	assert.Empty(t, y.children.Live)
}

func TestAChildInAnotherNamespaceIsHeldByAFinalizer(t *testing.T) {
	y := newHarness(t)
	y.addDomain("far")
	y.addParent("a", "far")
	y.settle(t)
	assert.Equal(t, []string{"patch parents a", "create children a", "patch parents/status a"}, y.sent(), "the finalizer comes first")
	assert.Equal(t, []string{xosv1.CleanupFinalizer}, y.parents.Live["shop/a"].Finalizers)
	assert.Empty(t, y.children.Live["far/a"].OwnerReferences, "the garbage collector would take it for an orphan")

	y.parents.Remove("shop/a")
	y.settle(t)
	assert.Equal(t, []string{"delete children a", "patch parents a"}, y.sent(), "the finalizer goes last")
	assert.Empty(t, y.parents.Live)
}

func TestWhatIsOrphanedStaysWithoutOurMarks(t *testing.T) {
	y := newHarness(t)
	y.addDomain("shop")
	y.addParent("a", "shop", func(p parent) { p.Spec.DeletionPolicy = xosv1.DeletionPolicyOrphan })
	y.settle(t)
	y.sent()
	y.parents.Remove("shop/a")
	y.settle(t)
	assert.Equal(t, []string{"patch children a", "patch parents a"}, y.sent())
	assert.Empty(t, y.parents.Live)
	left := y.children.Live["shop/a"]
	require.NotNil(t, left)
	assert.Empty(t, left.Annotations)
	assert.Empty(t, left.Labels)
	assert.Equal(t, map[string]string{"color": "blue"}, left.Data)
}

func (y *harness) ready(t *testing.T, name string) metav1.Condition {
	t.Helper()
	c := meta.FindStatusCondition(y.parents.Live["shop/"+name].Status.Conditions, xosv1.ConditionReady)
	require.NotNil(t, c)
	return *c
}

func TestOnlyPassingFailuresAreTriedAgain(t *testing.T) {
	for sentence, test := range map[string]struct {
		err   error
		retry bool
	}{
		"a missing reference":      {outcome.WaitFor("no"), false},
		"a spec without a meaning": {outcome.Refuse(xosv1.ReasonInvalid, "no"), false},
		"an object in the way":     {outcome.Obstruct(xosv1.ReasonNotOwned, "no"), true},
		"a server that is busy":    {apierrors.NewTooManyRequests("busy", 1), true},
		"a failure of no kind":     {errors.New("unplugged"), true},
		"an object not read yet":   {store.ErrNotRead, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			y := newHarness(t)
			y.plan = func(parent, *Plan[parent]) error { return test.err }
			y.addParent("a", "shop")
			y.settle(t)
			name := cache.NewObjectName("shop", "a")
			if errors.Is(test.err, store.ErrNotRead) {
				assert.Empty(t, y.sent(), "and it is not even told")
			} else {
				assert.Equal(t, []string{"patch parents/status a"}, y.sent())
			}
			if !test.retry {
				assert.Zero(t, y.controller.queue.NumRequeues(name))
				return
			}
			assert.Equal(t, 1, y.controller.queue.NumRequeues(name))
			require.Eventually(t, y.clock.HasWaiters, time.Minute, time.Millisecond)
			assert.Zero(t, y.controller.queue.Len(), "not before its time")
			y.clock.Step(fairqueue.FirstRetry)
			require.Eventually(t, func() bool { return y.controller.queue.Len() == 1 }, time.Minute, time.Millisecond)
			y.settle(t)
			assert.Equal(t, 2, y.controller.queue.NumRequeues(name))
			assert.Empty(t, y.sent(), "the same failure is not told twice")
		})
	}
}

func TestOneFailingObjectHoldsUpNoOther(t *testing.T) {
	y := newHarness(t)
	y.Answer = func(write string) error {
		if write == "create children bad" {
			return apierrors.NewInternalError(errors.New("etcd"))
		}
		return nil
	}
	y.addDomain("shop")
	y.addParent("bad", "shop")
	y.addParent("good", "shop")
	y.settle(t)
	assert.Equal(t, metav1.ConditionFalse, y.ready(t, "bad").Status)
	assert.Equal(t, metav1.ConditionTrue, y.ready(t, "good").Status)
}

func TestAChildThatFailsHoldsUpNoOther(t *testing.T) {
	y := newHarness(t)
	y.plan = func(p parent, plan *Plan[parent]) error {
		y.own(plan, p, "shop", "bad")
		y.own(plan, p, "shop", "good")
		return nil
	}
	y.Answer = func(write string) error {
		if write == "create children bad" {
			return apierrors.NewBadRequest("no")
		}
		return nil
	}
	y.addParent("a", "shop")
	y.settle(t)
	assert.Equal(t, []string{"create children good", "patch parents/status a"}, y.sent())
	assert.Equal(t, xosv1.ReasonInvalid, y.ready(t, "a").Reason)
}

func TestWhatAPlanNoLongerWantsIsDeleted(t *testing.T) {
	y := newHarness(t)
	names := []string{"one", "two"}
	y.plan = func(p parent, plan *Plan[parent]) error {
		for _, name := range names {
			y.own(plan, p, "shop", name)
		}
		return nil
	}
	y.addParent("a", "shop")
	y.settle(t)
	y.sent()
	names = []string{"two", "three"}
	y.controller.enqueueAll()
	y.settle(t)
	assert.ElementsMatch(t, []string{"create children three", "delete children one"}, y.Writes[:2])
}

func TestAChangeThatArrivesTogetherWithOurOwnWriteIsSeen(t *testing.T) {
	y := newHarness(t)
	y.addDomain("shop")
	y.addParent("a", "shop")
	y.settle(t)
	// Somebody changes the spec just before our status write; the watch breaks,
	// and the cache is shown the result of both at once.
	y.change(func(p parent) { p.Spec.Suspend = true })
	own, err := y.parents.For("shop").Patch(context.Background(), "a", types.MergePatchType, []byte(`{"status":{"backendHandle":"x"}}`), metav1.PatchOptions{}, "status")
	require.NoError(t, err)
	y.parents.Unseen = y.parents.Unseen[1:]
	y.controller.kind.Resource.ObserveWrite(store.ReconcilerWriter, own)
	y.settle(t)
	assert.True(t, meta.IsStatusConditionTrue(y.parents.Live["shop/a"].Status.Conditions, xosv1.ConditionSuspended))
}

// TestACrashBetweenAnyTwoWritesEndsInTheSameState lets the process die before
// its k-th write, for each k, and starts another on what is left.
func TestACrashBetweenAnyTwoWritesEndsInTheSameState(t *testing.T) {
	live := func(t *testing.T, y *harness, between func()) {
		t.Helper()
		y.addDomain("far")
		y.addParent("a", "far")
		y.settle(t)
		between()
		y.change(func(p parent) { p.Spec.Data = map[string]string{"size": "large"} })
		y.settle(t)
		between()
	}
	undisturbed := newHarness(t)
	live(t, undisturbed, func() {})
	require.Greater(t, len(undisturbed.Writes), 4)
	for k := range undisturbed.Writes {
		y := newHarness(t)
		sent, dead := 0, false
		y.Answer = func(string) error {
			if sent++; dead || sent > k {
				dead = true
				return errors.New("the process is dead")
			}
			return nil
		}
		live(t, y, func() {
			if dead {
				y.Answer = nil
				dead = false
				y.start(t)
				y.settle(t)
			}
		})
		got, want := y.children.Live["far/a"], undisturbed.children.Live["far/a"]
		require.NotNil(t, got, "before write %d", k)
		assert.Equal(t, want.Data, got.Data, "before write %d", k)
		assert.Equal(t, metav1.ConditionTrue, y.ready(t, "a").Status, "before write %d", k)
		assert.Len(t, y.children.Live, 1)
		y.sent()
		y.controller.enqueueAll()
		y.settle(t)
		assert.Empty(t, y.sent(), "and then there is rest, before write %d", k)
	}
}

func TestWhatIsHandedBackIsGivenUpAndHeldByNoFinalizer(t *testing.T) {
	y := newHarness(t)
	y.addDomain("shop")
	y.children.Put(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "a"}})
	y.addParent("a", "shop", func(p parent) { p.Spec.Adopt = xosv1.AdoptIfUnowned })
	y.settle(t)
	assert.Equal(t, []string{xosv1.CleanupFinalizer}, y.parents.Live["shop/a"].Finalizers)
	y.change(func(p parent) { p.Spec.XOSManaged = new(bool) })
	y.settle(t)
	assert.Empty(t, y.parents.Live["shop/a"].Finalizers)
	assert.Empty(t, y.children.Live["shop/a"].Annotations)
	assert.Equal(t, xosv1.ReasonInventoried, y.ready(t, "a").Reason)
	y.sent()
	y.controller.enqueueAll()
	y.settle(t)
	assert.Empty(t, y.sent())
}
