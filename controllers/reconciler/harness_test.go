package reconciler

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/tools/cache"
	testingclock "k8s.io/utils/clock/testing"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/store/storetest"
)

type (
	parent = *xosv1.KubernetesConfigMap
	domain = *xosv1.TrustDomain
)

// childKind is the kind of what parents own.
var childKind = schema.GroupKind{Kind: "ConfigMap"}

// harness is a whole control plane in one process and one thread: parents that refer
// to a domain and own one ConfigMap each, and a controller that is stepped by hand.
type harness struct {
	*storetest.Server
	parents  *storetest.Objects[xosv1.KubernetesConfigMap, parent]
	domains  *storetest.Objects[xosv1.TrustDomain, domain]
	children *storetest.Objects[corev1.ConfigMap, *corev1.ConfigMap]
	clock    *testingclock.FakeClock
	// plan may stand in for the controller's own.
	plan func(parent, *Plan[parent]) error
	// adoption is what the parents' domains allow.
	adoption xosv1.DomainAdoption
	// gather is for how long new parents wait.
	gather time.Duration
	// inventory is whether the parents that are not managed are records of the pull's.
	inventory bool

	controller *controller[parent]
	natives    *store.Native[*corev1.ConfigMap, *corev1ac.ConfigMapApplyConfiguration]
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	s := &storetest.Server{}
	harness := &harness{
		Server:   s,
		parents:  storetest.NewObjects[xosv1.KubernetesConfigMap, parent](s, "parents"),
		domains:  storetest.NewObjects[xosv1.TrustDomain, domain](s, "domains"),
		children: storetest.NewObjects[corev1.ConfigMap, *corev1.ConfigMap](s, "children"),
		clock:    testingclock.NewFakeClock(storetest.Noon),
		adoption: xosv1.DomainAdoptionAll,
	}
	harness.start(t)
	return harness
}

// start makes a controller anew, as after a crash: with empty caches, which are
// then filled from what the server holds.
func (y *harness) start(t *testing.T) {
	t.Helper()
	gvk := xosv1.SchemeGroupVersion
	own := store.NewCustom(gvk.WithKind("KubernetesConfigMap"), "parents", y.parents.NewInformer(), y.parents.For)
	referents := store.NewCustom(gvk.WithKind("TrustDomain"), "domains", y.domains.NewInformer(), y.domains.For)
	y.natives = store.NewNative(corev1.SchemeGroupVersion.WithKind("ConfigMap"), "configmaps", y.children.NewInformer(),
		func(namespace string) storetest.ConfigMaps {
			return storetest.ConfigMaps{Client: y.children.For(namespace)}
		})
	made, err := New(Kind[parent]{
		Resource: own,
		References: []Reference[parent]{
			Watches(referents.Resource, "domain", func(p parent) []string { return []string{p.Spec.TrustDomain} }, nil),
		},
		PullKeepsInventory: y.inventory,

		Namespace: func(p parent) string { return p.Spec.TrustDomain },
		Names:     func(parent, schema.GroupKind, string) bool { return true },
		Adoption:  func(parent) xosv1.DomainAdoption { return y.adoption },
		Owns:      []store.Owned{y.natives},
		Debounce:  func(parent) time.Duration { return y.gather },
		Plan: func(p parent, plan *Plan[parent]) error {
			if y.plan != nil {
				return y.plan(p, plan)
			}
			if _, ok := referents.Get(cache.NewObjectName("", p.Spec.TrustDomain)); !ok {
				return outcome.WaitFor("TrustDomain %s does not exist", p.Spec.TrustDomain)
			}
			y.own(plan, p, p.Spec.TrustDomain, p.Name)
			return nil
		},
	}, Options{Clock: y.clock, StatusDebounce: -1})
	require.NoError(t, err)
	y.controller = made.(*controller[parent])
	y.natives.UseClock(y.clock)
	y.parents.Fill()
	y.domains.Fill()
	y.children.Fill()
}

// own plans a ConfigMap with the parent's data.
func (y *harness) own(plan *Plan[parent], p parent, namespace, name string) {
	child := Own(plan, y.natives, corev1ac.ConfigMap(name, namespace).WithData(p.Spec.Data))
	plan.ComputeStatus(func(into parent) outcome.Outcome {
		into.Status.BackendHandle = child.Handle()
		return child.Present()
	})
}

// settle works until nothing is left to do: every event shown, every queued
// object reconciled.
func (y *harness) settle(t *testing.T) {
	t.Helper()
	const enough = 100
	for range enough {
		shown := y.domains.Show() || y.parents.Show() || y.children.Show()
		if y.controller.queue.Len() == 0 && !shown {
			return
		}
		for y.controller.queue.Len() > 0 {
			y.next(t)
		}
	}
	require.Fail(t, "never at rest", "%v", y.Writes)
}

// next works on the object that has waited longest.
func (y *harness) next(t *testing.T) {
	t.Helper()
	name, shutdown := y.controller.queue.Get()
	require.False(t, shutdown)
	defer y.controller.queue.Done(name)
	y.controller.process(t.Context(), name)
}

// sent is what was written since the last look.
func (y *harness) sent() []string {
	sent := y.Writes
	y.Writes = nil
	return sent
}

func (y *harness) addDomain(name string) {
	y.domains.Put(&xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 1}})
}

// addParent adds a parent in namespace "shop" that wants its ConfigMap in the
// namespace of a domain.
func (y *harness) addParent(name, domain string, changes ...func(parent)) {
	p := &xosv1.KubernetesConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Generation: 1},
		Spec:       xosv1.KubernetesConfigMapSpec{TrustDomain: domain, Data: map[string]string{"color": "blue"}},
	}
	for _, change := range changes {
		change(p)
	}
	y.parents.Put(p)
}

// change is an edit of parent a's spec by a person.
func (y *harness) change(edit func(parent)) {
	p := y.parents.Live["shop/a"].DeepCopy()
	edit(p)
	p.Generation++
	y.parents.Put(p)
}
