package reconciler

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/fairqueue"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

func TestAnObjectOfSomebodyElsesIsNeverTouched(t *testing.T) {
	for sentence, theirs := range map[string]metav1.ObjectMeta{
		"one that nobody marked": {},
		"one of a Helm release":  {Annotations: map[string]string{"meta.helm.sh/release-name": "shop"}},
		"one of a controller":    {OwnerReferences: []metav1.OwnerReference{{Kind: "App", Name: "x", UID: "x", Controller: new(bool)}}},
		"one of another parent":  {Annotations: map[string]string{xosv1.OwnerAnnotation: "KubernetesConfigMap/shop/b/b-uid/ConfigMap/shop/a"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			y := newHarness(t)
			theirs.Namespace, theirs.Name = "shop", "a"
			y.children.Put(&corev1.ConfigMap{ObjectMeta: theirs})
			y.addDomain("shop")
			y.addParent("a", "shop")
			y.settle(t)
			assert.Equal(t, []string{"patch parents/status a"}, y.sent())
			assert.Equal(t, xosv1.ReasonNotOwned, y.ready(t, "a").Reason)
			y.parents.Remove("shop/a")
			y.settle(t)
			assert.Empty(t, y.sent())
			assert.Len(t, y.children.Live, 1)
		})
	}
}

func TestWhatAPredecessorHadAdoptedIsAdoptedAgain(t *testing.T) {
	y := newHarness(t)
	y.addDomain("shop")
	y.children.Put(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "a", Annotations: map[string]string{
		xosv1.OwnerAnnotation: "KubernetesConfigMap/shop/a/earlier-uid/ConfigMap/shop/a", xosv1.AdoptedAnnotation: "true",
	}}})
	before := y.children.Live["shop/a"].UID
	y.addParent("a", "shop", func(p parent) { p.Spec.Adopt = xosv1.AdoptIfUnowned })
	y.settle(t)
	assert.NotContains(t, y.Writes, "delete children a")
	after := y.children.Live["shop/a"]
	assert.Equal(t, before, after.UID)
	owner, _ := ownership.OwnerOf(after, childKind)
	assert.Equal(t, y.parents.Live["shop/a"].UID, owner.UID)
}

func TestWhatMayOnlyBeTakenOverIsNeverMade(t *testing.T) {
	y := newHarness(t)
	y.plan = func(p parent, plan *Plan[parent]) error {
		child := Own(plan, y.natives, corev1ac.ConfigMap("a", "shop"))
		child.Existing(errors.New("there is none"))
		plan.ComputeStatus(func(parent) outcome.Outcome { return child.Present() })
		return nil
	}
	y.addParent("a", "shop", func(p parent) { p.Spec.Adopt = xosv1.AdoptIfUnowned })
	y.settle(t)
	assert.Empty(t, y.children.Live)
	assert.Equal(t, "there is none", y.ready(t, "a").Message)
	assert.Equal(t, xosv1.ReasonNothingToAdopt, y.ready(t, "a").Reason)

	y.children.Put(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "a"}})
	y.controller.enqueueAll()
	y.clock.Step(fairqueue.FirstRetry)
	y.settle(t)
	assert.Equal(t, metav1.ConditionTrue, y.ready(t, "a").Status)
}

func TestANameThatIsTakenForAMomentIsTriedAgain(t *testing.T) {
	y := newHarness(t)
	y.Answer = func(write string) error {
		if write == "create children a" {
			return apierrors.NewAlreadyExists(schema.GroupResource{Resource: "children"}, "a")
		}
		return nil
	}
	y.addDomain("shop")
	y.addParent("a", "shop")
	y.settle(t)
	assert.Equal(t, xosv1.ReasonConflict, y.ready(t, "a").Reason)
	conditions := y.parents.Live["shop/a"].Status.Conditions
	assert.True(t, meta.IsStatusConditionTrue(conditions, xosv1.ConditionReconciling), "nobody has to do anything")
	assert.Equal(t, 1, y.controller.queue.NumRequeues(cache.NewObjectName("shop", "a")))
}

// The label of a namespace that was just adopted reaches the API server's admission later than us.
func TestAFenceThatDoesNotKnowTheNamespaceYetIsNoFailure(t *testing.T) {
	for sentence, opened := range map[string]bool{"one that is open": true, "one that is not": false} {
		t.Run(sentence, func(t *testing.T) {
			y := newHarness(t)
			y.natives.OpenedBy(func(namespace string) bool { return opened && namespace == "shop" })
			refusals := 1
			y.Answer = func(write string) error {
				if write != "create children a" || refusals == 0 {
					return nil
				}
				refusals--
				return apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "a", errors.New("ValidatingAdmissionPolicy 'fence' with binding 'fence' "+
					"denied request: the manager is fenced: no managed TrustDomain has made or adopted namespace shop; an administrator may open it"))
			}
			y.addDomain("shop")
			y.addParent("a", "shop")
			y.settle(t)
			conditions := y.parents.Live["shop/a"].Status.Conditions
			assert.Equal(t, opened, meta.IsStatusConditionTrue(conditions, xosv1.ConditionReconciling))
			assert.Equal(t, !opened, meta.IsStatusConditionTrue(conditions, xosv1.ConditionStalled))
			assert.Equal(t, 1, y.controller.queue.NumRequeues(cache.NewObjectName("shop", "a")), "it is tried again in either case")

			y.controller.enqueueAll()
			y.clock.Step(fairqueue.FirstRetry)
			y.settle(t)
			assert.Equal(t, metav1.ConditionTrue, y.ready(t, "a").Status)
		})
	}
}

// What is given up stays there: nobody's event tells that it is over.
func TestWhatIsGivenUpIsNotWaitedForBeforeAnythingIsMade(t *testing.T) {
	y := newHarness(t)
	y.children.Put(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "theirs"}})
	wanted := "theirs"
	y.plan = func(p parent, plan *Plan[parent]) error {
		plan.PruneFirst()
		y.own(plan, p, "shop", wanted)
		return nil
	}
	y.addParent("a", "shop", func(p parent) { p.Spec.Adopt = xosv1.AdoptIfUnowned })
	y.settle(t)
	assert.Equal(t, "true", y.children.Live["shop/theirs"].Annotations[xosv1.AdoptedAnnotation])

	wanted = "another"
	y.controller.enqueueAll()
	y.settle(t)
	assert.Empty(t, y.children.Live["shop/theirs"].Annotations)
	assert.Contains(t, y.children.Live, "shop/another")
	assert.Equal(t, metav1.ConditionTrue, y.ready(t, "a").Status)
}
