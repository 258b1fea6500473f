package pull_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// node registers a node of the test's own, which gets no pods but those that name it.
func (w *env) node(name string) *corev1.Node {
	w.Helper()
	node, err := w.kubernetes.CoreV1().Nodes().Create(w.Context(), &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelTopologyZone: "zone0"}},
		Spec: corev1.NodeSpec{
			ProviderID: "openstack:///41c40aab", Taints: []corev1.Taint{{Key: "test.example.org/own", Effect: corev1.TaintEffectNoSchedule}},
		},
		Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{ // kwok keeps both or none
			{Type: corev1.NodeHostName, Address: name}, {Type: corev1.NodeInternalIP, Address: "172.16.1.12"},
		}},
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	w.Cleanup(func() { // the test's own context has ended by then
		_ = w.kubernetes.CoreV1().Pods(w.namespace).DeleteCollection(context.Background(), metav1.DeleteOptions{GracePeriodSeconds: new(int64)}, metav1.ListOptions{})
		_ = w.kubernetes.CoreV1().Nodes().Delete(context.Background(), name, metav1.DeleteOptions{})
		_ = w.xos.KubernetesNodes().Delete(context.Background(), name, metav1.DeleteOptions{})
	})
	return node
}

func (w *env) patchNode(name, patch string, subresources ...string) {
	w.Helper()
	_, err := w.kubernetes.CoreV1().Nodes().Patch(w.Context(), name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, subresources...)
	require.NoError(w, err)
}

func (w *env) deleteNode(name string) {
	w.Helper()
	require.NoError(w, w.kubernetes.CoreV1().Nodes().Delete(w.Context(), name, metav1.DeleteOptions{}))
}

// nodeRecord waits for the record of a node to be as a function wants it.
func (w *env) nodeRecord(name string, check func(*xosv1.KubernetesNode) error) *xosv1.KubernetesNode {
	w.Helper()
	var found *xosv1.KubernetesNode
	w.eventually(func(ctx context.Context) error {
		o, err := w.xos.KubernetesNodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		found = o
		return check(o)
	})
	return found
}

func (w *env) nodeRecordGone(name string) {
	w.Helper()
	w.gone(func(ctx context.Context) error {
		_, err := w.xos.KubernetesNodes().Get(ctx, name, metav1.GetOptions{})
		return err
	})
}

// recordsNode waits for a record to show a node that is ready.
func recordsNode(node *corev1.Node) func(*xosv1.KubernetesNode) error {
	return func(o *xosv1.KubernetesNode) error {
		if o.Status.UID != node.UID || !o.Status.Ready {
			return fmt.Errorf("uid %q, want %q; ready %t", o.Status.UID, node.UID, o.Status.Ready)
		}
		return is(o, xosv1.ReasonInventoried)
	}
}

func unschedulable(o *xosv1.KubernetesNode) error {
	if !o.Status.Unschedulable {
		return fmt.Errorf("it is schedulable")
	}
	return nil
}

func hasPods(n int32) func(*xosv1.KubernetesNode) error {
	return func(o *xosv1.KubernetesNode) error {
		if o.Status.Pods != n {
			return fmt.Errorf("%d pods, want %d", o.Status.Pods, n)
		}
		return nil
	}
}

func (w *env) podsOn(node string, n int) {
	w.Helper()
	for i := range n {
		spec := podSpec(image)
		spec.NodeName = node
		_, err := w.kubernetes.CoreV1().Pods(w.namespace).Create(w.Context(), &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("%s-%d", w.namespace, i)}, Spec: spec,
		}, metav1.CreateOptions{})
		require.NoError(w, err)
	}
}

// writesOf are the writes to the record of a node.
func writesOf(m *inprocess.Manager, since transport.Mark, node string) transport.Requests {
	return m.Since(since).Writes().Named(node)
}

func TestANodeIsRecordedAsLongAsItExists(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	node := w.node(w.namespace)
	o := w.nodeRecord(node.Name, recordsNode(node))
	assert.False(t, xosv1.IsManaged(o))
	assert.Equal(t, xosv1.DefaultKubernetesService, o.Spec.Owner)
	assert.Equal(t, "/api/v1/nodes/"+node.Name, o.Status.BackendHandle)
	assert.True(t, node.CreationTimestamp.Equal(o.Status.CreationTimestamp))
	assert.Equal(t, node.Name, o.Status.Name)
	assert.Equal(t, "openstack", o.Status.Provider)
	assert.Equal(t, "openstack:///41c40aab", o.Status.ProviderID)
	assert.Contains(t, o.Status.Addresses, xosv1.NodeAddress{Type: "InternalIP", Address: "172.16.1.12"})
	assert.Equal(t, "zone0", o.Status.Zone)
	assert.NotEmpty(t, o.Status.Capacity["cpu"])
	w.deleteNode(node.Name)
	w.nodeRecordGone(node.Name)
}

func TestANodeMayHaveTheLongestName(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	name := w.namespace + "." + strings.Repeat("n", 252-len(w.namespace))
	node := w.node(name)
	o := w.nodeRecord(name, func(o *xosv1.KubernetesNode) error { return is(o, xosv1.ReasonInventoried) })
	assert.Equal(t, node.UID, o.Status.UID)
	assert.Equal(t, name, o.Status.Name)
	w.deleteNode(name)
	w.nodeRecordGone(name)
}

func TestANodesRecordIsWrittenToWhenItShowsSomethingNew(t *testing.T) {
	w := newEnv(t)
	m := w.start(pull.Options{})
	node := w.node(w.namespace)
	w.nodeRecord(node.Name, recordsNode(node))
	mark := m.Mark()
	for i := range 5 { // as a kubelet does
		w.patchNode(node.Name, fmt.Sprintf(`{"status":{"conditions":[{"type":"MemoryPressure","status":"False","lastHeartbeatTime":"2026-01-01T12:00:0%dZ"}],"images":[{"names":["a:%d"]}]}}`, i, i), "status")
	}
	w.patchNode(node.Name, `{"spec":{"unschedulable":true}}`) // kubectl cordon
	w.nodeRecord(node.Name, unschedulable)
	m.Stop()
	assert.Equal(t, []string{"patch kubernetesnodes/status " + node.Name}, writesOf(m, mark, node.Name).Lines(), "the cordon alone")
	// A second life looks at everything again.
	again := w.start(pull.Options{})
	last := w.node(w.namespace + "-last")
	w.nodeRecord(last.Name, recordsNode(last))
	again.Stop()
	assert.Empty(t, writesOf(again, 0, node.Name).Lines())
}

func TestThePodsOfANodeAreCountedInFewWrites(t *testing.T) {
	const pods = 60
	w := newEnv(t)
	m := w.start(pull.Options{})
	node := w.node(w.namespace)
	w.nodeRecord(node.Name, recordsNode(node))
	mark := m.Mark()
	w.podsOn(node.Name, pods)
	w.nodeRecord(node.Name, hasPods(pods))
	// Counts are gathered for half a second; the changes of the node itself, which a loaded
	// machine spreads among them, are written at once.
	assert.Less(t, len(writesOf(m, mark, node.Name)), pods/4)
	w.setPull(xosv1.PullSpec{ExcludeNamespaces: []string{w.namespace}})
	require.NoError(t, w.kubernetes.CoreV1().Pods(w.namespace).Delete(t.Context(), w.namespace+"-0", metav1.DeleteOptions{GracePeriodSeconds: new(int64)}))
	w.nodeRecord(node.Name, hasPods(pods-1))
}

func TestANodesRecordThatAUserDeletesComesBack(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	node := w.node(w.namespace)
	before := w.nodeRecord(node.Name, recordsNode(node))
	require.NoError(t, w.xos.KubernetesNodes().Delete(t.Context(), node.Name, metav1.DeleteOptions{}))
	after := w.nodeRecord(node.Name, func(o *xosv1.KubernetesNode) error {
		if o.UID == before.UID {
			return fmt.Errorf("it is the same one still")
		}
		return recordsNode(node)(o)
	})
	assert.Equal(t, before.Status.UID, after.Status.UID)
	_, err := w.xos.KubernetesNodes().Patch(t.Context(), node.Name, types.MergePatchType, []byte(`{"status":{"zone":"wrong","ready":false}}`), metav1.PatchOptions{}, "status")
	require.NoError(t, err)
	w.nodeRecord(node.Name, func(o *xosv1.KubernetesNode) error {
		if o.Status.Zone != "zone0" {
			return fmt.Errorf("zone %q", o.Status.Zone)
		}
		return recordsNode(node)(o)
	})
}

func TestANodesRecordThatAUserHasWrittenToStaysTheirs(t *testing.T) {
	for sentence, write := range map[string]func(w *env, name string) error{
		"labelled": func(w *env, name string) error {
			_, err := w.xos.KubernetesNodes().Patch(w.Context(), name, types.MergePatchType, []byte(`{"metadata":{"labels":{"rack":"a7"}}}`), metav1.PatchOptions{FieldManager: "kubectl"})
			return err
		},
		"applied": func(w *env, name string) error {
			manifest := fmt.Appendf(nil, `{"apiVersion":"xos.opencord.org/v1","kind":"KubernetesNode","metadata":{"name":%q,"labels":{"rack":"a7"}},"spec":{}}`, name)
			_, err := w.xos.KubernetesNodes().Patch(w.Context(), name, types.ApplyPatchType, manifest, metav1.PatchOptions{FieldManager: "kubectl"})
			return err
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newEnv(t)
			w.start(pull.Options{})
			node := w.node(w.namespace)
			before := w.nodeRecord(node.Name, recordsNode(node))
			require.NoError(t, write(w, node.Name))
			w.deleteNode(node.Name)
			after := w.nodeRecord(node.Name, func(o *xosv1.KubernetesNode) error { return is(o, xosv1.ReasonReferenceNotFound) })
			assert.Equal(t, before.UID, after.UID)
			assert.Empty(t, after.Labels[xosv1.PulledLabel])
			assert.False(t, xosv1.IsManaged(after))
			assert.Empty(t, after.Status.UID)
			// It shows the node that comes by its name.
			again := w.node(node.Name)
			w.nodeRecord(node.Name, recordsNode(again))
		})
	}
}

func TestANodesRecordThatAUserMadeShowsTheNode(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	made, err := w.xos.KubernetesNodes().Create(t.Context(), &xosv1.KubernetesNode{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}, metav1.CreateOptions{})
	require.NoError(t, err)
	w.nodeRecord(made.Name, func(o *xosv1.KubernetesNode) error { return is(o, xosv1.ReasonReferenceNotFound) })
	node := w.node(made.Name)
	w.nodeRecord(made.Name, recordsNode(node))
	w.deleteNode(node.Name)
	after := w.nodeRecord(made.Name, func(o *xosv1.KubernetesNode) error { return is(o, xosv1.ReasonReferenceNotFound) })
	assert.Equal(t, made.UID, after.UID, "it is the user's to delete")
}

func TestNodesThatChangeWhileNobodyLooks(t *testing.T) {
	w := newEnv(t)
	first := w.start(pull.Options{})
	gone, replaced := w.node(w.namespace+"-gone"), w.node(w.namespace+"-replaced")
	w.nodeRecord(gone.Name, recordsNode(gone))
	w.nodeRecord(replaced.Name, recordsNode(replaced))
	first.Stop()
	w.deleteNode(gone.Name)
	w.deleteNode(replaced.Name)
	replaced = w.node(replaced.Name)
	w.start(pull.Options{})
	w.nodeRecordGone(gone.Name)
	o := w.nodeRecord(replaced.Name, recordsNode(replaced))
	assert.Equal(t, "Node.v1//"+replaced.Name+"/"+string(replaced.UID), o.Annotations[xosv1.MirrorsAnnotation])
}

func TestNothingIsWrittenOfNodesWhileThePullIsOff(t *testing.T) {
	w := newEnv(t)
	first := w.start(pull.Options{})
	known := w.node(w.namespace)
	w.nodeRecord(known.Name, recordsNode(known))
	first.Stop()
	w.off = true
	m := w.startWhole(pull.Options{})
	added := w.node(w.namespace + "-added")
	w.patchNode(known.Name, `{"spec":{"unschedulable":true}}`)
	// The KubernetesService counts nodes by the same watch, which has shown both by then.
	nodes, err := w.kubernetes.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	w.eventually(func(ctx context.Context) error {
		s, err := w.xos.KubernetesServices().Get(ctx, xosv1.DefaultKubernetesService, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if int(s.Status.Nodes) != len(nodes.Items) {
			return fmt.Errorf("%d nodes of %d", s.Status.Nodes, len(nodes.Items))
		}
		return nil
	})
	assert.Empty(t, m.Since(0).Writes().Where(func(r transport.Request) bool { return strings.HasPrefix(r.Resource, "kubernetesnodes") }).Lines())
	w.off = false
	w.setPull(w.selection())
	w.nodeRecord(added.Name, recordsNode(added))
	w.nodeRecord(known.Name, unschedulable)
}

func TestAFullListFindsNodesThatTheWatchMissed(t *testing.T) {
	w := newEnv(t)
	gate := transport.NewGate()
	m := w.start(pull.Options{}, func(r transport.Request) transport.Fault {
		if r.Verb == "watch" && r.Resource == "nodes" {
			return gate
		}
		return nil
	})
	ended, changed := w.node(w.namespace+"-ended"), w.node(w.namespace+"-changed")
	w.nodeRecord(ended.Name, recordsNode(ended))
	w.nodeRecord(changed.Name, recordsNode(changed))
	gate.Close()
	added := w.node(w.namespace + "-added")
	w.deleteNode(ended.Name)
	w.patchNode(changed.Name, `{"spec":{"unschedulable":true}}`)
	spec := w.selection()
	spec.ResyncSeconds = ptr.To[int32](10)
	w.setPull(spec)
	w.nodeRecord(added.Name, func(o *xosv1.KubernetesNode) error { return is(o, xosv1.ReasonInventoried) })
	w.nodeRecordGone(ended.Name)
	w.nodeRecord(changed.Name, unschedulable)
	assert.NotEmpty(t, m.Since(0).Of("list", "nodes"))
}
