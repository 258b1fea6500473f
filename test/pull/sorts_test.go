package pull_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
)

// posed creates a pod that no node takes, so that a test may write its status.
func (w *env) posed(pod *corev1.Pod, status corev1.PodStatus) *corev1.Pod {
	w.Helper()
	pod.Spec.NodeSelector = map[string]string{"test.example.org/none": "true"}
	created, err := w.kubernetes.CoreV1().Pods(w.namespace).Create(w.Context(), pod, metav1.CreateOptions{})
	require.NoError(w, err)
	patch, err := json.Marshal(map[string]any{"status": status})
	require.NoError(w, err)
	_, err = w.kubernetes.CoreV1().Pods(w.namespace).Patch(w.Context(), pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	require.NoError(w, err)
	return created
}

func named(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name} }

// restarted is the state of a container that runs, and has been started again some times.
func restarted(name string, times int32, finished bool) corev1.ContainerStatus {
	c := corev1.ContainerStatus{Name: name, RestartCount: times, Ready: !finished, Started: ptr.To(!finished)}
	if finished {
		c.State.Terminated = &corev1.ContainerStateTerminated{ExitCode: 0, Reason: "Completed"}
	} else {
		c.State.Running = &corev1.ContainerStateRunning{}
	}
	return c
}

func TestPodsOfAllSortsAreInventoriedAsTheyAre(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	always := corev1.ContainerRestartPolicyAlways
	sidecars := podSpec(image, "proxy:2")
	sidecars.InitContainers = []corev1.Container{
		{Name: "once", Image: "init:1"}, {Name: "native", Image: "sidecar:1", RestartPolicy: &always},
	}
	ready := []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	host := podSpec(image)
	host.HostNetwork = true
	for name, c := range map[string]struct {
		pod    *corev1.Pod
		status corev1.PodStatus
		check  func(*xosv1.KubernetesServiceInstance) error
		// addresses are those on the topic of details.
		addresses []string
	}{
		"dual stack": {
			pod: &corev1.Pod{ObjectMeta: named("dual"), Spec: podSpec(image)},
			status: corev1.PodStatus{
				Phase: corev1.PodRunning, Conditions: ready, PodIP: "10.1.0.1", PodIPs: []corev1.PodIP{{IP: "10.1.0.1"}, {IP: "fd00::1"}},
			},
			addresses: []string{"10.1.0.1", "fd00::1"},
		},
		"host network": {
			pod:       &corev1.Pod{ObjectMeta: named("host"), Spec: host},
			status:    corev1.PodStatus{Phase: corev1.PodRunning, Conditions: ready, HostIP: "172.16.0.9", PodIP: "172.16.0.9", PodIPs: []corev1.PodIP{{IP: "172.16.0.9"}}},
			addresses: []string{"172.16.0.9"},
		},
		"evicted": {
			pod:    &corev1.Pod{ObjectMeta: named("evicted"), Spec: podSpec(image)},
			status: corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted", Message: "The node was low on resource: memory."},
			check: func(i *xosv1.KubernetesServiceInstance) error {
				if i.Status.Phase != corev1.PodFailed || i.Status.Ready {
					return fmt.Errorf("phase %q, ready %t", i.Status.Phase, i.Status.Ready)
				}
				return nil
			},
		},
		"sidecars": {
			pod: &corev1.Pod{ObjectMeta: named("sidecars"), Spec: sidecars},
			status: corev1.PodStatus{
				Phase: corev1.PodRunning, Conditions: ready, PodIP: "10.1.0.2", PodIPs: []corev1.PodIP{{IP: "10.1.0.2"}},
				InitContainerStatuses: []corev1.ContainerStatus{restarted("once", 5, true), restarted("native", 3, false)},
				ContainerStatuses:     []corev1.ContainerStatus{restarted("a", 1, false), restarted("b", 2, false)},
			},
			check: func(i *xosv1.KubernetesServiceInstance) error {
				if i.Status.Restarts != 1+2+3 { // as kubectl counts: a container that only initializes does not
					return fmt.Errorf("%d restarts", i.Status.Restarts)
				}
				return nil
			},
			addresses: []string{"10.1.0.2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &env{T: t, plane: w.plane, namespace: w.namespace, kubernetes: w.kubernetes, xos: w.xos}
			b := &broker{b.Cluster, w}
			pod := w.posed(c.pod, c.status)
			w.instance(pod.Name, func(i *xosv1.KubernetesServiceInstance) error {
				if i.Status.Phase != c.status.Phase {
					return fmt.Errorf("phase %q", i.Status.Phase)
				}
				if c.check != nil {
					return c.check(i)
				}
				return nil
			})
			w.eventually(func(ctx context.Context) error {
				events, err := b.events(ctx)
				if err != nil {
					return err
				}
				var shown []string
				for _, e := range events {
					if e.Name == pod.Name && len(e.NetInterfaces) > 0 {
						shown = e.NetInterfaces[0].Addresses
					}
				}
				if !slices.Equal(shown, c.addresses) {
					return fmt.Errorf("addresses %v", shown)
				}
				return nil
			})
		})
	}
}

func TestAStaticPodIsInventoried(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	nodes, err := w.kubernetes.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	node := nodes.Items[0]
	mirror := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "etcd-" + node.Name, Annotations: map[string]string{corev1.MirrorPodAnnotationKey: "hash"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID, Controller: ptr.To(true)}},
		},
		Spec: podSpec(image),
	}
	mirror.Spec.NodeName = node.Name
	pod, err := w.kubernetes.CoreV1().Pods(w.namespace).Create(t.Context(), mirror, metav1.CreateOptions{})
	require.NoError(t, err)
	w.instance(pod.Name, b.told)
	require.NoError(t, w.kubernetes.CoreV1().Pods(w.namespace).Delete(t.Context(), pod.Name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)}))
	w.instanceGone(pod.Name)
	b.statuses(pod.UID, "created", "deleted")
}

func TestAPodThatLivesForAMomentIsPublished(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	var pods []*corev1.Pod
	for i := range 5 {
		pod := w.pod(fmt.Sprintf("moment-%d", i), image)
		require.NoError(t, w.kubernetes.CoreV1().Pods(w.namespace).Delete(t.Context(), pod.Name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)}))
		pods = append(pods, pod)
	}
	for _, pod := range pods {
		b.statuses(pod.UID, "created", "deleted")
		w.instanceGone(pod.Name)
	}
}

func TestPodsOfOneNameInManyNamespacesAreToldApart(t *testing.T) {
	w := newEnv(t)
	other := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	w.selectOnly(w.namespace, other.namespace)
	here, there := w.pod("web", image), other.pod("web", image)
	w.instance("web", b.told)
	other.instance("web", b.told)
	w.deletePod("web")
	w.instanceGone("web")
	b.statuses(here.UID, "created", "deleted")
	b.statuses(there.UID, "created")
	other.instance("web", running)
}

func TestAPodThatItsOwnerReleasesAndAdoptsChangesItsSlice(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	set := w.statefulSet("db")
	first := w.instance("db-0", b.told)
	assert.Equal(t, "db", first.Spec.Slice)
	of := func(slice string) func(*xosv1.KubernetesServiceInstance) error {
		return func(i *xosv1.KubernetesServiceInstance) error {
			if i.Spec.Slice != slice {
				return fmt.Errorf("slice %q", i.Spec.Slice)
			}
			return nil
		}
	}
	// The set lets go of a pod whose labels its selector does not match, and of all when it
	// is deleted so that they stay.
	require.NoError(t, w.kubernetes.AppsV1().StatefulSets(w.namespace).Delete(t.Context(), set.Name, metav1.DeleteOptions{
		PropagationPolicy: ptr.To(metav1.DeletePropagationOrphan),
	}))
	w.instance("db-0", of(""))
	// The garbage collector takes its finalizer from the set after it has released the pod.
	w.gone(func(ctx context.Context) error {
		_, err := w.kubernetes.AppsV1().StatefulSets(w.namespace).Get(ctx, set.Name, metav1.GetOptions{})
		return err
	})
	w.statefulSet("db")
	w.instance("db-0", of("db"))
	b.statuses(first.Status.PodUID, "created")
}
