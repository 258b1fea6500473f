package pull_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-base/metrics/legacyregistry"

	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/pull/delivery"
)

// TestAPodWithAMebibyteOfLabelsIsAnnounced fills a pod with labels up to what the API
// server takes.
func TestAPodWithAMebibyteOfLabelsIsAnnounced(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	const many, mebibyte = 14000, 1 << 20
	labels, size := map[string]string{"zzz": "last", "xos_service": "demo"}, 0
	for i := range many {
		key, value := fmt.Sprintf("a-%012d", i), strings.Repeat("v", 61)
		labels[key] = value
		size += len(key) + len(value)
	}
	require.Greater(t, size, mebibyte)
	pod, err := w.kubernetes.CoreV1().Pods(w.namespace).Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "large", Labels: labels}, Spec: podSpec(image),
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	i := w.instance("large", b.acknowledged(""))
	assert.Equal(t, "demo", i.Status.Labels["xos_service"], "xos labels come first")
	assert.Contains(t, i.Status.Labels, "a-000000000000")
	assert.NotContains(t, i.Status.Labels, "zzz")
	assert.Less(t, len(i.Status.Labels), many/10)
	b.statuses(pod.UID, "created")

	require.NoError(t, w.kubernetes.CoreV1().Namespaces().Delete(t.Context(), w.namespace, metav1.DeleteOptions{}))
	w.gone(func(ctx context.Context) error {
		_, err := w.kubernetes.CoreV1().Namespaces().Get(ctx, w.namespace, metav1.GetOptions{})
		return err
	})
	b.statuses(pod.UID, "created", "deleted")
}

// picky refuses the events of one pod for their size.
type picky struct {
	delivery.Log
	refuses string
	refused atomic.Int32
}

// Open implements delivery.Log.
func (p *picky) Open(ctx context.Context, told func(string, []byte)) (delivery.Session, error) {
	s, err := p.Log.Open(ctx, told)
	return pickySession{s, p}, err
}

type pickySession struct {
	delivery.Session
	*picky
}

// Commit implements delivery.Session.
func (p pickySession) Commit(ctx context.Context, units []delivery.Unit) ([]error, error) {
	results := make([]error, len(units))
	var rest []delivery.Unit
	var places []int
	for i, unit := range units {
		if unit.Entity.Name == p.refuses {
			p.refused.Add(1)
			results[i] = fmt.Errorf("publish %s: %w", p.refuses, delivery.ErrTooLarge)
			continue
		}
		rest, places = append(rest, unit), append(places, i)
	}
	committed, err := p.Session.Commit(ctx, rest)
	if err != nil {
		return nil, err
	}
	for i, place := range places {
		results[place] = committed[i]
	}
	return results, nil
}

func TestAnEventThatKafkaRefusesForItsSizeIsGivenUp(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	log := &picky{Log: b.log(), refuses: "large"}
	w.start(pull.Options{Log: log, Workers: 1}).Puller().RegisterMetrics()
	before := lostEvents(t)
	large, small := w.pod("large", image), w.pod("small", image)
	w.instance("large", running)
	w.instance("small", b.told)
	w.deletePod("large")
	w.deletePod("small")
	w.instanceGone("large")
	w.instanceGone("small")
	b.statuses(large.UID)
	b.statuses(small.UID, "created", "deleted")
	refused := log.refused.Load()
	assert.LessOrEqual(t, refused, int32(5), "none was tried again")
	assert.InDelta(t, lostEvents(t)-before, float64(refused), 1, "the end of a pod that was never seen to begin counts as both")
}

// lostEvents is the number of events that were given up, as the metric reports it.
func lostEvents(t *testing.T) float64 {
	t.Helper()
	families, err := legacyregistry.DefaultGatherer.Gather()
	require.NoError(t, err)
	sum := 0.0
	for _, family := range families {
		if family.GetName() != "xos_events_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			for _, label := range m.GetLabel() {
				if label.GetName() == "result" && label.GetValue() == "lost" {
					sum += m.GetCounter().GetValue()
				}
			}
		}
	}
	return sum
}
