package compact

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// podOf is pod n of a template.
func podOf(n int, changes ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: fmt.Sprintf("web-%d", n), UID: types.UID(fmt.Sprintf("uid-%d", n)), ResourceVersion: fmt.Sprint(n), Generation: 1,
			CreationTimestamp: metav1.Unix(int64(1000+n), 0), Labels: map[string]string{"app": "web"},
		},
		Spec:   corev1.PodSpec{NodeName: fmt.Sprintf("node-%d", n%2), Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: fmt.Sprintf("10.0.0.%d", n), PodIPs: []corev1.PodIP{{IP: fmt.Sprintf("10.0.0.%d", n)}}},
	}
	for _, change := range changes {
		change(p)
	}
	return p
}

// recordOf is the record of pod n.
func recordOf(n int, changes ...func(*xosv1.KubernetesServiceInstance)) *xosv1.KubernetesServiceInstance {
	pod := podOf(n)
	i := &xosv1.KubernetesServiceInstance{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: pod.Name, UID: types.UID(fmt.Sprintf("record-%d", n)), ResourceVersion: fmt.Sprint(n), Generation: 1,
			CreationTimestamp: metav1.Unix(int64(2000+n), 0), Labels: map[string]string{xosv1.PulledLabel: xosv1.PulledValue},
			Annotations: map[string]string{xosv1.MirrorsAnnotation: "Pod.v1/shop/" + pod.Name + "/" + string(pod.UID)},
		},
		Spec: xosv1.KubernetesServiceInstanceSpec{Lifecycle: xosv1.Lifecycle{Managed: xosv1.Managed{XOSManaged: ptr.To(false)}}, Slice: "web"},
		Status: xosv1.KubernetesServiceInstanceStatus{
			PodUID: pod.UID, PodIP: pod.Status.PodIP, PodIPs: []string{pod.Status.PodIP}, NodeName: pod.Spec.NodeName, Phase: corev1.PodRunning,
			Labels: pod.Labels, Containers: []xosv1.ContainerStatus{{Name: "web", Image: "nginx"}},
		},
	}
	i.Status.BackendHandle = "/api/v1/namespaces/shop/pods/" + pod.Name
	i.Status.Conditions = []metav1.Condition{{Type: xosv1.ConditionReady, Status: metav1.ConditionTrue, LastTransitionTime: metav1.Unix(int64(3000+n), 0)}}
	for _, change := range changes {
		change(i)
	}
	return i
}

func TestAPodComesBackAsItWas(t *testing.T) {
	for sentence, change := range map[string]func(*corev1.Pod){
		"one that runs":                 func(*corev1.Pod) {},
		"one without an address":        func(p *corev1.Pod) { p.Status.PodIP, p.Status.PodIPs = "", nil },
		"one with an address too few":   func(p *corev1.Pod) { p.Status.PodIPs = nil },
		"one with two addresses":        func(p *corev1.Pod) { p.Status.PodIPs = append(p.Status.PodIPs, corev1.PodIP{IP: "fd00::1"}) },
		"one that is not scheduled":     func(p *corev1.Pod) { p.Spec.NodeName = "" },
		"one without labels":            func(p *corev1.Pod) { p.Labels = nil },
		"one with no labels":            func(p *corev1.Pod) { p.Labels = map[string]string{} },
		"one that ends":                 func(p *corev1.Pod) { p.DeletionTimestamp = ptr.To(metav1.Unix(5000, 0)) },
		"one whose creation is unknown": func(p *corev1.Pod) { p.CreationTimestamp = metav1.Time{} },
	} {
		t.Run(sentence, func(t *testing.T) {
			c, ok := Pod(podOf(1, change)).(store.Compact)
			require.True(t, ok)
			for range 2 { // each time
				assert.Equal(t, podOf(1, change), c.Object())
			}
			want := podOf(1, change).ObjectMeta
			assert.Equal(t, &want, c.GetObjectMeta())
			key, err := cache.MetaNamespaceKeyFunc(c)
			require.NoError(t, err)
			assert.Equal(t, "shop/web-1", key)
		})
	}
}

func TestARecordComesBackAsItWas(t *testing.T) {
	type record = *xosv1.KubernetesServiceInstance
	for sentence, change := range map[string]func(record){
		"one of a pod that runs":            func(record) {},
		"one without a status":              func(i record) { i.Status = xosv1.KubernetesServiceInstanceStatus{} },
		"one of another pod than it says":   func(i record) { i.Status.PodUID = "other" },
		"one that mirrors nothing":          func(i record) { i.Annotations = nil },
		"one with a further annotation":     func(i record) { i.Annotations["note"] = "x" },
		"one of a pod in another namespace": func(i record) { i.Status.BackendHandle = "/api/v1/namespaces/other/pods/web-1" },
		"one with two addresses":            func(i record) { i.Status.PodIPs = append(i.Status.PodIPs, "fd00::1") },
		"one whose conditions have two times": func(i record) {
			i.Status.Conditions = append(i.Status.Conditions, metav1.Condition{Type: "Other", LastTransitionTime: metav1.Unix(7, 0)})
		},
		"one with a condition that has no time":    func(i record) { i.Status.Conditions[0].LastTransitionTime = metav1.Time{} },
		"one that another client has written to":   func(i record) { i.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "another field manager"}} },
		"one that the first build left a state in": func(i record) { i.Status.Delivery = &xosv1.Delivery{UID: "uid-1", Announced: true} },
	} {
		t.Run(sentence, func(t *testing.T) {
			c, ok := Instance(recordOf(1, change)).(store.Compact)
			require.True(t, ok)
			for range 2 { // each time
				assert.Equal(t, recordOf(1, change), c.Object())
			}
			want := recordOf(1, change).ObjectMeta
			assert.Equal(t, &want, c.GetObjectMeta())
		})
	}
}

func TestARecordThatCantBeDecodedStaysAsItIs(t *testing.T) {
	undecodable := func(i *xosv1.KubernetesServiceInstance) { i.Status.Undecodable = "spec.env" }
	assert.Equal(t, recordOf(1, undecodable), Instance(recordOf(1, undecodable)))
}

func TestAUIDComesBackAsItWas(t *testing.T) {
	for _, text := range []types.UID{"", "u1", "9d4cff30-7d0a-4a2a-8f2e-0d0f3f0c6a5d", "9D4CFF30-7D0A-4A2A-8F2E-0D0F3F0C6A5D", "{9d4cff30-7d0a-4a2a-8f2e-0d0f3f0c6a5d}"} {
		assert.Equal(t, text, packUID(text).unpack())
	}
}

func TestWhatObjectsHaveInCommonIsHeldOnce(t *testing.T) {
	one, other := Pod(podOf(1)).(*pod), Pod(podOf(2)).(*pod)
	assert.Same(t, one.shape, other.shape)
	numbered := Pod(podOf(3, func(p *corev1.Pod) { p.Labels["index"] = "3" })).(*pod)
	assert.Same(t, one.shape, numbered.shape)
	assert.NotSame(t, one.labels, numbered.labels)
	differs := Pod(podOf(4, func(p *corev1.Pod) { p.Spec.Containers[0].Image = "other" })).(*pod)
	assert.NotSame(t, one.shape, differs.shape)
	record, another := Instance(recordOf(1)).(*instance), Instance(recordOf(2)).(*instance)
	assert.Same(t, record.shape, another.shape)
	assert.Same(t, one.labels, record.labels, "a record shows its pod's")

	one.Object().(*corev1.Pod).Name = "changed"
	assert.Equal(t, podOf(2), other.Object(), "what is handed out is nobody else's")
}

func TestAShapeIsForgottenWithTheLastOfItsObjects(t *testing.T) {
	var s shapes[string]
	first := s.share([]byte("a"), ptr.To("a"))
	assert.Same(t, first, s.share([]byte("a"), ptr.To("a")))
	assert.Equal(t, 1, s.len())
	runtime.KeepAlive(first)
	assert.Eventually(t, func() bool {
		runtime.GC()
		return s.len() == 0
	}, 10*time.Second, time.Millisecond)
	assert.Equal(t, "a", *s.share([]byte("a"), ptr.To("a")), "and known again when one comes")
}
