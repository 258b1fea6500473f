package pull

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/event"
)

var (
	web   = cache.NewObjectName("shop", "web")
	other = cache.NewObjectName("shop", "other")
)

func podWith(uid types.UID) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: web.Namespace, Name: web.Name, UID: uid}}
}

func TestMemoryIsNewerThanTheRecord(t *testing.T) {
	m := newMemory()
	recorded := &xosv1.Delivery{UID: "a"}
	assert.Equal(t, recorded, m.latest("a", recorded))
	newer := xosv1.Delivery{UID: "a", Announced: true}
	m.keep(newer)
	assert.Equal(t, &newer, m.latest("a", recorded))
	m.recorded("a")
	assert.Equal(t, recorded, m.latest("a", recorded))
}

func TestAFinishedPodStaysFinished(t *testing.T) {
	m := newMemory()
	m.podEnded(web, podWith("a"), true, time.Time{})
	m.podEnded(web, podWith("b"), true, time.Time{})
	m.finish("a")
	ended := m.endedOf(web)
	assert.Len(t, ended, 1)
	assert.Equal(t, types.UID("b"), ended[0].pod.UID)
	m.keep(xosv1.Delivery{UID: "a", Announced: true})
	assert.Empty(t, event.Pending(m.latest("a", nil), event.PodSnapshot{UID: "a"}, true), "a late record brings nothing back")
}

func TestTheEndThatARecordTellsIsKeptWhereNobodyKnowsMore(t *testing.T) {
	m := newMemory()
	m.recordEnded(web, podWith("a"), time.Time{})
	m.recordEnded(web, podWith("a"), time.Time{})
	assert.Len(t, m.endedOf(web), 1)
	m.finish("a")
	m.recordEnded(web, podWith("a"), time.Time{})
	assert.Empty(t, m.endedOf(web), "Kafka knows already")
}

func TestMemoryShrinksToNothing(t *testing.T) {
	m := newMemory()
	now := time.Unix(0, 0)
	m.podEnded(web, podWith("a"), true, now)
	m.keep(xosv1.Delivery{UID: "a", Announced: true})
	m.failed(web, now)
	m.heldFor("a", now)
	m.finish("a")
	m.settled(web)
	assert.Empty(t, m.acknowledged)
	assert.Empty(t, m.ended)
	assert.Empty(t, m.waiting)
	assert.Empty(t, m.held)
}

func TestTheOldestWaitCountsFromTheFirstFailure(t *testing.T) {
	m := newMemory()
	start := time.Unix(0, 0)
	m.failed(web, start)
	m.failed(other, start.Add(time.Second))
	m.failed(web, start.Add(2*time.Second))
	assert.Equal(t, 10*time.Second, m.oldest(start.Add(10*time.Second)))
	m.settled(web)
	assert.Equal(t, 9*time.Second, m.oldest(start.Add(10*time.Second)))
	m.settled(other)
	assert.Zero(t, m.oldest(start.Add(10*time.Second)))
}

func TestASuccessWakesThoseWhomAnOutageStopped(t *testing.T) {
	m := newMemory()
	m.failed(web, time.Time{})
	assert.Empty(t, m.succeeded(), "one failure may be the message's own fault")
	m.failed(web, time.Time{})
	m.failed(other, time.Time{})
	assert.ElementsMatch(t, []cache.ObjectName{web, other}, m.succeeded())
	assert.Empty(t, m.succeeded(), "they were woken already")
}
