package pull_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// published waits for Kafka to have acknowledged what the instance shows.
func published(i *xosv1.KubernetesServiceInstance) error {
	if d := i.Status.Delivery; d == nil || !d.Announced || d.UID != i.Status.PodUID {
		return fmt.Errorf("delivery is %+v", d)
	}
	return running(i)
}

func acknowledged(status xosv1.EventStatus) func(*xosv1.KubernetesServiceInstance) error {
	return func(i *xosv1.KubernetesServiceInstance) error {
		if d := i.Status.Delivery; d == nil || d.Status != status || d.UID != i.Status.PodUID {
			return fmt.Errorf("delivery is %+v", d)
		}
		return nil
	}
}

// anotherThan waits for an instance to be made again, and its pod to be published.
func anotherThan(before *xosv1.KubernetesServiceInstance) func(*xosv1.KubernetesServiceInstance) error {
	return func(i *xosv1.KubernetesServiceInstance) error {
		if i.UID == before.UID {
			return fmt.Errorf("it is the same one still")
		}
		return published(i)
	}
}

func TestAPodsLifecycleIsPublishedFromCreationToDeletion(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Publisher: b.publisher()})
	pod := w.pod("web", image)
	w.instance("web", running)
	b.statuses(pod.UID, "created")

	w.patchPod("web", `{"metadata":{"labels":{"xos_service":"other"}}}`)
	w.instance("web", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Status.Labels["xos_service"] != "other" {
			return fmt.Errorf("labels are %v", i.Status.Labels)
		}
		return acknowledged(xosv1.EventUpdated)(i)
	})
	w.deletePod("web")
	w.instanceGone("web")
	b.statuses(pod.UID, "created", "deleted")

	events, err := b.events(t.Context())
	require.NoError(t, err)
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
	w.start(pull.Options{Publisher: b.publisher()})
	pod := w.pod("web", image)
	before := w.instance("web", published)
	require.NoError(t, w.instances().Delete(t.Context(), "web", metav1.DeleteOptions{}))
	w.instance("web", anotherThan(before))
	w.deletePod("web")
	w.instanceGone("web")
	b.statuses(pod.UID, "created", "deleted")
}

func TestAPodRecreatedUnderItsNameIsAnotherPod(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Publisher: b.publisher()})
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
	k := kafka.New(kafka.Options{Brokers: []string{address}})
	t.Cleanup(k.Close)
	w.start(pull.Options{Publisher: k})
	pod := w.pod("web", image)
	w.instance("web", running)
	w.patchPod("web", `{"metadata":{"labels":{"more":"true"}}}`)
	w.instance("web", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Status.Labels["more"] == "" || i.Status.Delivery != nil {
			return fmt.Errorf("labels %v, delivery %v", i.Status.Labels, i.Status.Delivery)
		}
		return nil
	})

	b = w.brokerAt(address)
	w.instance("web", acknowledged(xosv1.EventCreated))
	b.statuses(pod.UID, "created")
}

func TestANamespaceGoesThoughKafkaIsAway(t *testing.T) {
	w := newEnv(t)
	k := kafka.New(kafka.Options{Brokers: []string{"127.0.0.1:1"}})
	t.Cleanup(k.Close)
	w.start(pull.Options{Publisher: k, FinalizerTimeout: shortHold})
	w.pod("web", image)
	w.instance("web", running)
	require.NoError(t, w.kubernetes.CoreV1().Namespaces().Delete(t.Context(), w.namespace, metav1.DeleteOptions{}))
	w.gone(func(ctx context.Context) error {
		_, err := w.kubernetes.CoreV1().Namespaces().Get(ctx, w.namespace, metav1.GetOptions{})
		return err
	})
}

func TestWhatIsAcknowledgedOutlivesARecordThatGoesBeforeTheAnswer(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	acknowledging, answer := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.start(pull.Options{Publisher: b.publisher()}, func(r transport.Request) transport.Fault {
		if r.Resource != "kubernetesserviceinstances/status" || r.Name != "web" {
			return nil
		}
		return transport.BeforeAnswer{Do: func() {
			once.Do(func() {
				close(acknowledging)
				<-answer
			})
		}}
	})
	w.pod("other", image)
	other := w.instance("other", published)
	pod := w.pod("web", image)
	<-acknowledging
	before := w.instance("web", acknowledged(xosv1.EventCreated))
	require.NoError(t, w.instances().Delete(t.Context(), "web", metav1.DeleteOptions{}))
	// What the watch shows after that is the sign that it has shown that.
	require.NoError(t, w.instances().Delete(t.Context(), "other", metav1.DeleteOptions{}))
	w.instance("other", anotherThan(other))
	close(answer)
	w.instance("web", anotherThan(before))
	w.deletePod("web")
	w.instanceGone("web")
	b.statuses(pod.UID, "created", "deleted")
}
