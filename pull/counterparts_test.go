package pull

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	testingclock "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// unfilled is a pull of a cluster whose caches are never filled but by Wrote.
func unfilled(t *testing.T) (*Puller, *testingclock.FakeClock) {
	t.Helper()
	c, err := cluster.New(&rest.Config{Host: "unused.example.org"})
	require.NoError(t, err)
	clock := testingclock.NewFakeClock(time.Unix(0, 0))
	p, err := New(c, Options{Clock: clock})
	require.NoError(t, err)
	return p, clock
}

// markedPod is a pod with the mark of an instance of namespace team.
func markedPod(namespace, name string, instance types.UID) *corev1.Pod {
	m := ownership.TrackingID{
		Owner: ownership.Owner{Kind: record.InstanceKind, Name: cache.NewObjectName("team", "web"), UID: instance},
		Kind:  record.PodKind.GroupKind(), Name: cache.NewObjectName(namespace, name),
	}
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace, Name: name, Annotations: map[string]string{xosv1.OwnerAnnotation: m.String()},
	}}
}

// teamsWeb is the instance that these marks name.
func teamsWeb(changes ...func(*xosv1.KubernetesServiceInstance)) *xosv1.KubernetesServiceInstance {
	i := &xosv1.KubernetesServiceInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "web", UID: "u", ResourceVersion: "1"}}
	for _, change := range changes {
		change(i)
	}
	return i
}

func TestAMarkHoldsOnlyWhereItsInstanceConfirmsIt(t *testing.T) {
	inventoried := func(i *xosv1.KubernetesServiceInstance) { i.Spec.XOSManaged = ptr.To(false) }
	elsewhere := func(i *xosv1.KubernetesServiceInstance) {
		i.Status.BackendHandle = "/api/v1/namespaces/domain/pods/web"
	}
	for sentence, test := range map[string]struct {
		pod      *corev1.Pod
		instance *xosv1.KubernetesServiceInstance
		want     bool
	}{
		"an instance that is placed nowhere yet, beside its pod": {markedPod("team", "web", "u"), teamsWeb(), true},
		"an instance whose status says where its pod is":         {markedPod("domain", "web", "u"), teamsWeb(elsewhere), true},
		"a pod in another namespace":                             {markedPod("other", "web", "u"), teamsWeb(), false},
		"a pod in another namespace than its status says":        {markedPod("team", "web", "u"), teamsWeb(elsewhere), false},
		"a pod of another name":                                  {markedPod("team", "decoy", "u"), teamsWeb(), false},
		"an instance of another UID":                             {markedPod("team", "web", "other"), teamsWeb(), false},
		"an instance that is a record":                           {markedPod("team", "web", "u"), teamsWeb(inventoried), false},
		"a pod without a mark":                                   {&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "web"}}, teamsWeb(), false},
		"a copy of a marked pod": {func() *corev1.Pod {
			pod := markedPod("team", "web", "u")
			pod.Name = "copy"
			return pod
		}(), teamsWeb(), false},
	} {
		t.Run(sentence, func(t *testing.T) {
			p, _ := unfilled(t)
			_, made := p.counterparts.creatorOf(test.pod)
			assert.False(t, made, "nobody is there to confirm it")
			p.cluster.KubernetesServiceInstances.ObserveWrite(store.ReconcilerWriter, test.instance)
			_, made = p.counterparts.creatorOf(test.pod)
			assert.Equal(t, test.want, made)
		})
	}
}

func TestAnInstanceThatHasEndedConfirmsItsMarksForAMinute(t *testing.T) {
	p, clock := unfilled(t)
	pod := markedPod("team", "web", "u")
	p.handlers.instanceGone(teamsWeb())
	_, made := p.counterparts.creatorOf(pod)
	assert.True(t, made, "its pod is ending too")
	_, made = p.counterparts.creatorOf(markedPod("other", "web", "u"))
	assert.False(t, made)
	clock.Step(departureKept)
	_, made = p.counterparts.creatorOf(pod)
	assert.False(t, made, "what lives on is nobody's")

	p.handlers.instanceGone(teamsWeb(func(i *xosv1.KubernetesServiceInstance) { i.Spec.XOSManaged = ptr.To(false) }))
	_, made = p.counterparts.creatorOf(pod)
	assert.False(t, made, "a record made nothing")
}

func TestASliceConfirmsItsControllerAsAnInstanceItsPod(t *testing.T) {
	p, clock := unfilled(t)
	claim := ownership.Owner{Kind: record.SliceKind, Name: cache.NewObjectName("team", "web"), UID: "u"}
	slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "web", UID: "u", ResourceVersion: "1"}}
	slice.Status.BackendHandle = "/apis/apps/v1/namespaces/domain/deployments/web"
	in := func(namespace string) metav1.Object { return &metav1.ObjectMeta{Namespace: namespace, Name: "web"} }
	assert.False(t, p.counterparts.createdBySlice(in("domain"), claim))
	p.handlers.sliceGone(slice)
	assert.True(t, p.counterparts.createdBySlice(in("domain"), claim), "it has just ended")
	clock.Step(departureKept)
	assert.False(t, p.counterparts.createdBySlice(in("domain"), claim))

	p.cluster.Slices.ObserveWrite(store.ReconcilerWriter, slice)
	assert.True(t, p.counterparts.createdBySlice(in("domain"), claim))
	assert.False(t, p.counterparts.createdBySlice(in("other"), claim))
	claim.UID = "other"
	assert.False(t, p.counterparts.createdBySlice(in("domain"), claim))
}

func TestNothingIsInventoriedBeforeTheClusterSaysWhat(t *testing.T) {
	p, _ := unfilled(t)
	assert.False(t, p.selector.selection.Load().Enabled)
	off := &xosv1.KubernetesService{ObjectMeta: metav1.ObjectMeta{Name: xosv1.DefaultKubernetesService, ResourceVersion: "1"}}
	off.Spec.Pull.Enabled = ptr.To(false)
	select {
	case <-p.selector.chosen:
		assert.Fail(t, "nothing was chosen yet")
	default:
	}
	p.cluster.KubernetesServices.ObserveWrite(store.ReconcilerWriter, off)
	assert.True(t, p.selector.choose(t.Context()), "the cache suffices, its event may be on the way")
	assert.False(t, p.selector.selection.Load().Enabled)
}

func TestANamespaceEndsWithTheTrustDomainThatMadeIt(t *testing.T) {
	p, _ := unfilled(t)
	domain := &xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{Name: "shop", UID: "u", ResourceVersion: "1"}}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", ResourceVersion: "1", OwnerReferences: []metav1.OwnerReference{
		*metav1.NewControllerRef(domain, xosv1.SchemeGroupVersion.WithKind(record.TrustDomainKind)),
	}}}
	assert.False(t, namespaceEnds(p.cluster, "shop"), "it is not there at all")
	p.cluster.Namespaces.ObserveWrite(store.ReconcilerWriter, namespace)
	assert.True(t, namespaceEnds(p.cluster, "shop"), "the garbage collector has it, though the server does not say so yet")
	p.cluster.TrustDomains.ObserveWrite(store.ReconcilerWriter, domain)
	assert.False(t, namespaceEnds(p.cluster, "shop"))
}
