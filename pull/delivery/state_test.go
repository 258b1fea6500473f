package delivery

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
	m := NewState()
	recorded := &xosv1.Delivery{UID: "a"}
	assert.Equal(t, recorded, m.Latest("a", recorded))
	newer := xosv1.Delivery{UID: "a", Announced: true}
	m.Acknowledge(newer)
	assert.Equal(t, &newer, m.Latest("a", recorded))
	m.Recorded("a")
	assert.Equal(t, recorded, m.Latest("a", recorded))
}

func TestAFinishedPodStaysFinished(t *testing.T) {
	m := NewState()
	m.PodEnded(web, podWith("a"), true, time.Time{})
	m.PodEnded(web, podWith("b"), true, time.Time{})
	m.Finish("a")
	ended := m.EndedPods(web)
	assert.Len(t, ended, 1)
	assert.Equal(t, types.UID("b"), ended[0].Pod.UID)
	m.Acknowledge(xosv1.Delivery{UID: "a", Announced: true})
	assert.Empty(t, event.Pending(m.Latest("a", nil), event.PodSnapshot{UID: "a"}, true), "a late record brings nothing back")
}

func TestTheEndThatARecordTellsIsKeptWhereNobodyKnowsMore(t *testing.T) {
	m := NewState()
	m.RecordEnded(web, podWith("a"), time.Time{})
	m.RecordEnded(web, podWith("a"), time.Time{})
	assert.Len(t, m.EndedPods(web), 1)
	m.Finish("a")
	m.RecordEnded(web, podWith("a"), time.Time{})
	assert.Empty(t, m.EndedPods(web), "Kafka knows already")
}

func TestMemoryShrinksToNothing(t *testing.T) {
	m := NewState()
	now := time.Unix(0, 0)
	m.PodEnded(web, podWith("a"), true, now)
	m.Acknowledge(xosv1.Delivery{UID: "a", Announced: true})
	m.Failed(web, now)
	m.HeldFor("a", now)
	m.Finish("a")
	m.Settled(web)
	assert.Empty(t, m.acknowledged)
	assert.Empty(t, m.ended)
	assert.Empty(t, m.waiting)
	assert.Empty(t, m.held)
}

func TestTheOldestWaitCountsFromTheFirstFailure(t *testing.T) {
	m := NewState()
	start := time.Unix(0, 0)
	m.Failed(web, start)
	m.Failed(other, start.Add(time.Second))
	m.Failed(web, start.Add(2*time.Second))
	assert.Equal(t, 10*time.Second, m.OldestWait(start.Add(10*time.Second)))
	m.Settled(web)
	assert.Equal(t, 9*time.Second, m.OldestWait(start.Add(10*time.Second)))
	m.Settled(other)
	assert.Zero(t, m.OldestWait(start.Add(10*time.Second)))
}

func TestASuccessWakesThoseWhomAnOutageStopped(t *testing.T) {
	m := NewState()
	m.Failed(web, time.Time{})
	assert.Empty(t, m.Succeeded(), "one failure may be the message's own fault")
	m.Failed(web, time.Time{})
	m.Failed(other, time.Time{})
	assert.ElementsMatch(t, []cache.ObjectName{web, other}, m.Succeeded())
	assert.Empty(t, m.Succeeded(), "they were woken already")
}
