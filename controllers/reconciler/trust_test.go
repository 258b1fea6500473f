package reconciler

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// marked is a ConfigMap that bears a mark of a parent of namespace "shop".
func marked(namespace, name, parent, uid string, references ...metav1.OwnerReference) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace, Name: name, OwnerReferences: references,
		Annotations: map[string]string{
			xosv1.OwnerAnnotation: "KubernetesConfigMap/shop/" + parent + "/" + uid + "/ConfigMap/" + namespace + "/" + name,
		},
	}}
}

func TestACopyOfAChildIsNobodys(t *testing.T) {
	y := newHarness(t)
	y.addDomain("shop")
	y.addParent("a", "shop")
	y.settle(t)
	for _, place := range []string{"shop/copy", "else/a", "else/copy"} {
		copied := y.children.Live["shop/a"].DeepCopy()
		copied.Namespace, copied.Name, _ = strings.Cut(place, "/")
		copied.UID, copied.OwnerReferences = "", nil
		y.children.Put(copied)
	}
	y.sent()
	y.controller.enqueueAll()
	y.settle(t)
	assert.Empty(t, y.sent())
	y.parents.Remove("shop/a")
	y.settle(t)
	assert.Equal(t, []string{"else/a", "else/copy", "shop/copy"}, slices.Sorted(maps.Keys(y.children.Live)))
}

func TestAForgedMarkHoldsUpNobody(t *testing.T) {
	for sentence, forged := range map[string]*corev1.ConfigMap{
		"in the domain, under another name": marked("far", "b", "a", "a-uid"),
		"in the parent's own namespace":     marked("shop", "a", "a", "a-uid"),
		"in a namespace of nobody's":        marked("else", "a", "a", "a-uid"),
	} {
		t.Run(sentence, func(t *testing.T) {
			y := newHarness(t)
			y.addDomain("far")
			y.addParent("a", "far", func(p parent) { p.UID = "a-uid" })
			forged.Finalizers = []string{"example.org/never"}
			y.children.Put(forged.DeepCopy())
			y.plan = func(p parent, plan *Plan[parent]) error {
				plan.PruneFirst()
				y.own(plan, p, "far", "a")
				return nil
			}
			y.settle(t)
			assert.Equal(t, metav1.ConditionTrue, y.ready(t, "a").Status)
			y.parents.Remove("shop/a")
			y.settle(t)
			assert.Empty(t, y.parents.Live, "the forged object's finalizer does not hold it")
		})
	}
}

func TestWhatAPredecessorLeftIsTakenOver(t *testing.T) {
	y := newHarness(t)
	y.addDomain("shop")
	left := y.children.Put(marked("shop", "a", "a", "earlier"))
	y.addParent("a", "shop")
	y.settle(t)
	assert.Equal(t, []string{"apply children a", "patch parents/status a"}, y.sent())
	now := y.children.Live["shop/a"]
	assert.Equal(t, left.UID, now.UID)
	owner, _ := ownership.OwnerOf(now, childKind)
	assert.Equal(t, y.parents.Live["shop/a"].UID, owner.UID)
	assert.Equal(t, map[string]string{"color": "blue"}, now.Data)
}

func TestWhatAPredecessorAdoptedNeedsConsentOnceMore(t *testing.T) {
	y := newHarness(t)
	y.adoption = xosv1.DomainAdoptionNone
	y.addDomain("shop")
	left := marked("shop", "a", "a", "earlier")
	left.Annotations[xosv1.AdoptedAnnotation] = "true"
	y.children.Put(left)
	y.addParent("a", "shop", func(p parent) { p.Spec.Adopt = xosv1.AdoptIfUnowned })
	y.settle(t)
	assert.Equal(t, xosv1.ReasonNotOwned, y.ready(t, "a").Reason)
	assert.Contains(t, y.ready(t, "a").Message, xosv1.AdoptableAnnotation)
}

func TestWhatTheGarbageCollectorHasIsMadeAnew(t *testing.T) {
	y := newHarness(t)
	y.addDomain("shop")
	left := y.children.Put(marked("shop", "a", "a", "earlier", metav1.OwnerReference{Kind: "KubernetesConfigMap", Name: "a", UID: "earlier"}))
	y.addParent("a", "shop")
	y.settle(t)
	assert.Contains(t, y.sent(), "delete children a")
	assert.NotEqual(t, left.UID, y.children.Live["shop/a"].UID)
	assert.Equal(t, metav1.ConditionTrue, y.ready(t, "a").Status)
}

func TestASuccessorBehindAnUndeletableChildSaysSo(t *testing.T) {
	y := newHarness(t)
	y.Answer = func(write string) error {
		if strings.HasPrefix(write, "delete") {
			return apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "a", errors.New("a policy"))
		}
		return nil
	}
	y.addDomain("shop")
	y.addParent("a", "shop")
	y.settle(t)
	y.parents.Remove("shop/a")
	y.parents.Show()
	y.addParent("a", "shop")
	y.settle(t)
	assert.Equal(t, xosv1.ReasonForbidden, y.ready(t, "a").Reason)
}

func TestAdoptionTakesConsent(t *testing.T) {
	adoptable := map[string]string{xosv1.AdoptableAnnotation: "true"}
	for sentence, test := range map[string]struct {
		consent     ownership.Consent
		policy      xosv1.DomainAdoption
		annotations map[string]string
		kept        bool
		want        bool
	}{
		"a domain that allows all":                        {ownership.ConsentOfDomain, xosv1.DomainAdoptionAll, nil, false, true},
		"a domain that allows workloads":                  {ownership.ConsentOfDomain, xosv1.DomainAdoptionWorkloads, nil, false, false},
		"a domain that says nothing":                      {ownership.ConsentOfDomain, "", nil, false, false},
		"a workload where the domain allows them":         {ownership.ConsentForWorkloads, xosv1.DomainAdoptionWorkloads, nil, false, true},
		"a workload where the domain allows all":          {ownership.ConsentForWorkloads, xosv1.DomainAdoptionAll, nil, false, true},
		"a workload where the domain allows none":         {ownership.ConsentForWorkloads, xosv1.DomainAdoptionNone, nil, false, false},
		"an object that says so itself":                   {ownership.ConsentOfDomain, "", adoptable, false, true},
		"an account though the domain allows all":         {ownership.ConsentOfObject, xosv1.DomainAdoptionAll, nil, false, false},
		"an account that says so itself":                  {ownership.ConsentOfObject, "", adoptable, false, true},
		"what only the operator can ask for":              {ownership.ConsentOfOwner, "", nil, false, true},
		"what Kubernetes keeps":                           {ownership.ConsentOfDomain, xosv1.DomainAdoptionAll, adoptable, true, false},
		"an object with another value of that annotation": {ownership.ConsentOfDomain, "", map[string]string{xosv1.AdoptableAnnotation: "yes"}, false, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			y := newHarness(t)
			y.natives.AdoptBy(ownership.AdoptionRule{Consent: test.consent, Kept: func(metav1.Object) bool { return test.kept }})
			y.adoption = test.policy
			y.addDomain("shop")
			y.children.Put(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "a", Annotations: test.annotations}})
			y.addParent("a", "shop", func(p parent) { p.Spec.Adopt = xosv1.AdoptIfUnowned })
			y.settle(t)
			if test.want {
				assert.Equal(t, metav1.ConditionTrue, y.ready(t, "a").Status)
			} else {
				assert.Equal(t, xosv1.ReasonNotOwned, y.ready(t, "a").Reason)
				assert.Empty(t, y.children.Live["shop/a"].Data)
			}
		})
	}
}

func TestWhatWasAdoptedIsDeletedOnlyWithConsent(t *testing.T) {
	for sentence, test := range map[string]struct {
		policy xosv1.DeletionPolicy
		then   xosv1.DomainAdoption // at the time of the deletion
		gone   bool
	}{
		"a policy that says Delete":                           {xosv1.DeletionPolicyDelete, xosv1.DomainAdoptionAll, true},
		"a policy that says Delete, and consent taken back":   {xosv1.DeletionPolicyDelete, xosv1.DomainAdoptionNone, false},
		"a policy that is left out":                           {"", xosv1.DomainAdoptionAll, false},
		"a policy that says Orphan":                           {xosv1.DeletionPolicyOrphan, xosv1.DomainAdoptionAll, false},
		"a policy that is left out, and consent taken back":   {"", xosv1.DomainAdoptionNone, false},
		"a policy that says Orphan, and consent taken back":   {xosv1.DeletionPolicyOrphan, xosv1.DomainAdoptionNone, false},
		"a policy that says Delete, for workloads alone then": {xosv1.DeletionPolicyDelete, xosv1.DomainAdoptionWorkloads, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			y := newHarness(t)
			y.addDomain("shop")
			y.children.Put(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "a"}})
			y.addParent("a", "shop", func(p parent) { p.Spec.Adopt, p.Spec.DeletionPolicy = xosv1.AdoptIfUnowned, test.policy })
			y.settle(t)
			require.Equal(t, metav1.ConditionTrue, y.ready(t, "a").Status)
			y.adoption = test.then
			y.parents.Remove("shop/a")
			y.settle(t)
			assert.Empty(t, y.parents.Live)
			left, found := y.children.Live["shop/a"]
			assert.Equal(t, test.gone, !found)
			if found {
				assert.Empty(t, left.Annotations)
			}
		})
	}
}

func TestAPanicOverOneObjectReachesNoOther(t *testing.T) {
	y := newHarness(t)
	y.plan = func(p parent, plan *Plan[parent]) error {
		if p.Name == "bad" {
			panic("secret value")
		}
		y.own(plan, p, "shop", p.Name)
		return nil
	}
	y.addParent("bad", "shop")
	y.addParent("good", "shop")
	y.settle(t)
	assert.Equal(t, metav1.ConditionTrue, y.ready(t, "good").Status)
	assert.Equal(t, xosv1.ReasonInternalError, y.ready(t, "bad").Reason)
	assert.NotContains(t, y.ready(t, "bad").Message, "secret value")
}
