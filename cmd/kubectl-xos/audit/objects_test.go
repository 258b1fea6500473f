package audit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

func podIn(namespace, name string, labels map[string]string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID("pod-" + namespace + "-" + name), Labels: labels}}
}

// made marks a pod as an instance's.
func made(pod *corev1.Pod, by *xosv1.KubernetesServiceInstance) *corev1.Pod {
	m := ownership.TrackingID{
		Owner: ownership.Owner{Kind: record.InstanceKind, Name: cache.MetaObjectToName(by), UID: by.UID},
		Kind:  record.PodKind.GroupKind(), Name: cache.MetaObjectToName(pod),
	}
	pod.Annotations = map[string]string{xosv1.OwnerAnnotation: m.String()}
	return pod
}

func instance(namespace, name string, uid types.UID) *xosv1.KubernetesServiceInstance {
	i := &xosv1.KubernetesServiceInstance{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: uid}}
	i.Spec.Slice = "slice-of-" + name
	return i
}

// objects are a cluster that inventories the pods of namespace shop that are labelled.
func objects() *Objects {
	var o Objects
	for name, selected := range map[string]string{metav1.NamespaceSystem: "", "shop": "yes", "team": ""} {
		o.Namespaces.Add(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("namespace-" + name), Labels: map[string]string{"pull": selected}}})
	}
	service := &xosv1.KubernetesService{ObjectMeta: metav1.ObjectMeta{Name: xosv1.DefaultKubernetesService, UID: "service"}}
	service.Spec.Pull = xosv1.PullSpec{
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"pull": "yes"}},
		PodSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
	}
	o.Services.Add(service)
	return &o
}

func TestPodsAreSelectedAsThePullSelectsThem(t *testing.T) {
	web := map[string]string{"app": "web"}
	managed, forged, unmanaged, recorded := instance("team", "made", "i1"), instance("team", "forged", "i2"), instance("team", "unmanaged", "i3"), instance("shop", "recorded", "i4")
	unmanaged.Spec.XOSManaged, recorded.Spec.XOSManaged = ptr.To(false), ptr.To(false)
	recorded.Status.PodUID = "pod-shop-recorded"
	stale := instance("shop", "stale", "i5")
	stale.Status.PodUID = "an earlier one"
	otherUID := instance("team", "forged", "another")
	type want struct {
		selected bool
		slice    string
	}
	o := objects()
	for _, i := range []*xosv1.KubernetesServiceInstance{managed, forged, unmanaged, recorded, stale} {
		o.Instances.Add(i)
	}
	wants := map[types.UID]want{}
	add := func(pod *corev1.Pod, w want) {
		o.Pods.Add(pod)
		wants[pod.UID] = w
	}
	add(podIn("shop", "selected", web), want{selected: true})
	add(podIn("shop", "no-label", nil), want{})
	add(podIn("team", "no-namespace", web), want{})
	add(podIn("nowhere", "namespace-not-seen", web), want{})
	add(podIn("shop", "recorded", web), want{true, "slice-of-recorded"})
	add(podIn("shop", "stale", web), want{selected: true})
	add(made(podIn("team", "made", nil), managed), want{true, "slice-of-made"})
	add(made(podIn("team", "forged", nil), otherUID), want{})
	add(made(podIn("team", "unmanaged", nil), unmanaged), want{})
	add(made(podIn("shop", "made", nil), managed), want{}) // the instance has its pod in its own namespace

	selection, err := o.Selection()
	require.NoError(t, err)
	got := map[types.UID]want{}
	for id, s := range o.Entities(selection) {
		if id.Kind != event.Instance {
			continue
		}
		w := want{selected: s.Selected}
		for _, r := range s.References {
			if r.Kind == record.SliceKind {
				w.slice = r.Name
			}
		}
		got[id.UID] = w
	}
	assert.Equal(t, wants, got)
	assert.Equal(t, types.UID("namespace-kube-system"), o.UID())
}

func TestAllKindsAreExpected(t *testing.T) {
	o := objects()
	o.Pods.Add(podIn("team", "web", nil))
	o.Nodes.Add(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-0", UID: "1"}})
	o.Slices.Add(&xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Name: "web", UID: "2"}})
	o.TrustDomains.Add(&xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{Name: "web", UID: "3"}})
	o.Principals.Add(&xosv1.Principal{ObjectMeta: metav1.ObjectMeta{Name: "web", UID: "4"}})
	o.Images.Add(&xosv1.Image{ObjectMeta: metav1.ObjectMeta{Name: "web", UID: "5"}})
	selection, err := o.Selection()
	require.NoError(t, err)
	kinds := map[event.Kind]bool{}
	for id, s := range o.Entities(selection) {
		kinds[id.Kind] = s.Selected
	}
	for _, kind := range event.Kinds {
		selected, there := kinds[kind]
		assert.True(t, there, kind)
		assert.Equal(t, kind != event.Instance, selected, kind)
	}
}

func TestWithoutAServiceAllPodsAreSelected(t *testing.T) {
	var o Objects
	o.Pods.Add(podIn("shop", "web", nil))
	selection, err := o.Selection()
	require.NoError(t, err)
	assert.True(t, selection.Enabled)
	assert.True(t, o.Entities(selection)[event.ID{Kind: event.Instance, UID: "pod-shop-web"}].Selected)
	assert.Empty(t, o.UID(), "the cluster has no name")
}

func TestAManagedInstanceMayHaveItsPodInItsTrustDomain(t *testing.T) {
	o := objects()
	i := instance("team", "web", "i")
	o.Instances.Add(i)
	domain := &xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{Name: "shop", UID: "d"}}
	domain.Spec.AllowedNamespaces = &xosv1.AllowedNamespaces{From: xosv1.NamespacesFromAll}
	o.TrustDomains.Add(domain)
	slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: i.Spec.Slice, UID: "s"}}
	slice.Spec.TrustDomain = domain.Name
	o.Slices.Add(slice)
	pod := made(podIn("shop", "web", nil), i)
	o.Pods.Add(pod)
	namespace := o.Namespaces[cache.NewObjectName("", "shop")]
	namespace.Annotations = map[string]string{xosv1.OwnerAnnotation: ownership.TrackingID{
		Owner: ownership.Owner{Kind: record.TrustDomainKind, Name: cache.NewObjectName("", "shop"), UID: "d"},
		Kind:  record.NamespaceKind.GroupKind(), Name: cache.NewObjectName("", "shop"),
	}.String()}
	found, created := o.instanceOf(pod)
	assert.True(t, created)
	assert.Equal(t, i, found)
	assert.Equal(t, []*xosv1.TrustDomain{domain}, o.TrustDomainsOf("shop"))
}
