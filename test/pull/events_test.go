package pull_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/pull/event"
)

func TestAPodsLifecycleIsPublishedFromCreationToDeletion(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	pod := w.pod("web", image)
	w.instance("web", running)
	b.statuses(pod.UID, "created")

	w.patchPod("web", `{"metadata":{"labels":{"xos_service":"other"}}}`)
	w.instance("web", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Status.Labels["xos_service"] != "other" {
			return fmt.Errorf("labels are %v", i.Status.Labels)
		}
		return b.acknowledged(xosv1.EventUpdated)(i)
	})
	w.deletePod("web")
	w.instanceGone("web")
	b.statuses(pod.UID, "created", "deleted")

	all, err := b.events(t.Context())
	require.NoError(t, err)
	var events []received // without those of pods that instances of other tests' namespaces made
	for _, e := range all {
		if strings.HasPrefix(e.Headers["ce_subject"], w.namespace+"/") {
			events = append(events, e)
		}
	}
	require.GreaterOrEqual(t, len(events), 3)
	first, changed, last := events[0], events[len(events)-2], events[len(events)-1]
	assert.Equal(t, "updated", changed.Status)
	assert.Equal(t, "other", changed.Labels["xos_service"])
	require.Len(t, changed.NetInterfaces, 1)
	assert.Len(t, changed.NetInterfaces[0].Addresses, 1)
	assert.Equal(t, "web", first.Key)
	assert.Equal(t, string(pod.UID)+".created", first.Headers["ce_id"])
	assert.Equal(t, w.namespace+"/web", first.Headers["ce_subject"])
	assert.Positive(t, first.ID)
	assert.Equal(t, "other", last.Labels["xos_service"], "the end carries the labels")
	for i := 1; i < len(events); i++ {
		assert.LessOrEqual(t, events[i-1].Headers["ce_sequence"], events[i].Headers["ce_sequence"], "in order within the source")
	}
}

func TestAnInstanceThatAUserDeletesComesBackWithoutAnEvent(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	pod := w.pod("web", image)
	before := w.instance("web", b.told)
	require.NoError(t, w.instances().Delete(t.Context(), "web", metav1.DeleteOptions{}))
	w.instance("web", b.anotherThan(before))
	w.deletePod("web")
	w.instanceGone("web")
	b.statuses(pod.UID, "created", "deleted")
}

func TestAPodRecreatedUnderItsNameIsAnotherPod(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	w.statefulSet("db")
	first := w.instance("db-0", running)
	w.deletePod("db-0")
	second := w.instance("db-0", func(i *xosv1.KubernetesServiceInstance) error {
		if i.UID == first.UID {
			return fmt.Errorf("it is the same one still")
		}
		return running(i)
	})
	assert.NotEqual(t, first.Status.PodUID, second.Status.PodUID)
	b.statuses(first.Status.PodUID, "created", "deleted")
	b.statuses(second.Status.PodUID, "created")

	events, err := b.events(t.Context())
	require.NoError(t, err)
	seen := false
	for _, e := range events {
		if e.Headers["ce_id"] == string(first.Status.PodUID)+".deleted" {
			seen = true
		}
		if e.Headers["ce_id"] == string(second.Status.PodUID)+".created" {
			assert.True(t, seen, "the first one's end is published before the second one's creation")
		}
	}
}

func TestReconcilingGoesOnWhileKafkaIsAway(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	address := b.ListenAddrs()[0]
	b.Close()
	w.start(pull.Options{Log: w.logAt(address)})
	pod := w.pod("web", image)
	w.instance("web", running)
	w.patchPod("web", `{"metadata":{"labels":{"more":"true"}}}`)
	w.instance("web", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Status.Labels["more"] == "" {
			return fmt.Errorf("labels %v", i.Status.Labels)
		}
		return nil
	})

	b = w.brokerAt(address)
	w.instance("web", b.acknowledged(xosv1.EventCreated))
	b.statuses(pod.UID, "created")
}

func TestANamespaceGoesThoughKafkaIsAway(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{Log: w.logAt("127.0.0.1:1")})
	w.pod("web", image)
	w.instance("web", running)
	require.NoError(t, w.kubernetes.CoreV1().Namespaces().Delete(t.Context(), w.namespace, metav1.DeleteOptions{}))
	w.gone(func(ctx context.Context) error {
		_, err := w.kubernetes.CoreV1().Namespaces().Get(ctx, w.namespace, metav1.GetOptions{})
		return err
	})
}

// TestTheInventoryIsTheClusterAsItIs reads the topic of the inventory as a consumer does
// that was never there before.
func TestTheInventoryIsTheClusterAsItIs(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	gone, stays := w.pod("gone", image), w.pod("stays", image)
	w.instance("gone", b.told)
	w.instance("stays", b.told)
	w.deletePod("gone")
	w.instanceGone("gone")
	b.statuses(gone.UID, "created", "deleted")
	w.eventually(func(ctx context.Context) error {
		live, err := w.kubernetes.CoreV1().Pods(w.namespace).Get(ctx, "stays", metav1.GetOptions{})
		if err != nil {
			return err
		}
		cluster, err := w.clusterUID()
		if err != nil {
			return err
		}
		values, err := b.inventory(ctx)
		if err != nil {
			return err
		}
		record, err := w.xos.KubernetesServiceInstances(w.namespace).Get(ctx, "stays", metav1.GetOptions{})
		if err != nil {
			return err
		}
		want := event.InventoryKey(cluster, event.ID{Kind: event.Instance, UID: stays.UID})
		instances := 0
		for key := range values {
			if strings.Contains(key, "/"+string(event.Instance)+"/") {
				instances++
			}
		}
		if instances != 1 || values[want] == "" {
			return fmt.Errorf("the inventory holds %v", values)
		}
		e, deleted, ok := event.ParseInventory(cluster, want, []byte(values[want]))
		if shown := event.OfPod(live, record); !ok || deleted || e.InventoryFingerprint() != shown.InventoryFingerprint() {
			return fmt.Errorf("the inventory says %+v, the cluster %+v", e, shown)
		}
		return nil
	})
}
