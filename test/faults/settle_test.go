package faults_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// patience is how long a verdict may have faults once all is well again. What is left then
// is reported.
const patience = time.Minute

// settle judges a scenario. All is to be well again: the manager works, and Kafka is there.
func (s *scene) settle() {
	s.Helper()
	s.history.requireWhole(s.T, s.selected...)
	s.awaitClean()
	// A new manager compares all anew. It publishes what it finds in the order in which it
	// found it, so when a later pod is announced, all that it had to say has been said.
	s.kill()
	s.start()
	s.broker.awaitOnDetails(s.pod(s.selected[0], "last").UID, created)
	v := s.awaitClean()
	s.Log(v)
	require.Positive(s, v.reported)
}

// pod creates a pod, and waits until the history has come to it.
func (s *scene) pod(namespace, name string) *corev1.Pod {
	s.Helper()
	pod, err := s.kube.CoreV1().Pods(namespace).Create(s.Context(), newPod(name), metav1.CreateOptions{})
	require.NoError(s, err)
	plane.Wait(s, waitTimeout, func(context.Context) (bool, string) {
		err := s.history.knows(pod.UID)
		return err == nil, fmt.Sprint(err)
	})
	return pod
}

// awaitClean waits until nothing is missing, and fails the test where something is double
// or still missing after a while.
func (s *scene) awaitClean() verdict {
	s.Helper()
	var v verdict
	plane.Wait(s, patience, func(ctx context.Context) (bool, string) {
		var err error
		if v, err = s.verdict(ctx); err != nil {
			return false, err.Error()
		}
		if len(v.faults) > 0 {
			return false, fmt.Sprintf("%v, and %d faults:\n%s", v, len(v.faults), v.explain(20))
		}
		if err := s.kept(ctx); err != nil {
			return false, err.Error()
		}
		return true, ""
	})
	return v
}

// verdict judges what is on the topics now.
func (s *scene) verdict(ctx context.Context) (verdict, error) {
	v, _, err := s.verdictBut(ctx, func(life) bool { return false })
	return v, err
}

// verdictBut leaves out the pods that wait for partitions of the topic of details, which can't
// be read. It returns how many these are.
func (s *scene) verdictBut(ctx context.Context, waits func(life) bool, dead ...int32) (_ verdict, waiting int, _ error) {
	inventory, err := s.broker.messages(ctx, kafka.DefaultInventoryTopic, kgo.ReadCommitted())
	if err != nil {
		return verdict{}, 0, err
	}
	details, err := s.broker.messages(ctx, kafka.DefaultTopic, kgo.ReadCommitted(), dead...)
	if err != nil {
		return verdict{}, 0, err
	}
	uncommitted, err := s.broker.messages(ctx, kafka.DefaultTopic, kgo.ReadUncommitted(), dead...)
	if err != nil {
		return verdict{}, 0, err
	}
	cluster, err := s.kube.CoreV1().Namespaces().Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
	if err != nil {
		return verdict{}, 0, err
	}
	// After the topics: whoever is on them is in the history.
	lives, there := s.history.of(s.selected...)
	e := evidence{
		details: aboutPods(details), inventory: aboutPods(inventory), uncommitted: aboutPods(uncommitted),
		managerAway: s.away(), dying: s.dying, kafkaAway: s.broker.kafkaAway(), forgotten: s.forgotten, rebuilt: s.broker.rebuilt,
	}
	alive := entities(cluster.UID, inventory)
	for _, l := range lives {
		if !waits(l) {
			e.lives = append(e.lives, l)
			continue
		}
		waiting++
		e.inventory = slices.DeleteFunc(e.inventory, func(m told) bool { return m.uid == l.uid })
		delete(there, l.uid)
		delete(alive, l.uid)
	}
	v := judge(e)
	v.compare(alive, there)
	return v, waiting, nil
}

// entities are the pods that the inventory ends with.
func entities(cluster types.UID, messages []*kgo.Record) map[types.UID]event.Entity {
	alive := map[types.UID]event.Entity{}
	for _, m := range messages {
		e, gone, ok := event.ParseInventory(cluster, string(m.Key), m.Value)
		switch {
		case !ok || e.Kind != event.Instance:
		case gone:
			delete(alive, e.UID)
		default:
			alive[e.UID] = e
		}
	}
	return alive
}

// compare has the inventory end with the pods that are there, as they are.
func (v *verdict) compare(alive map[types.UID]event.Entity, there map[types.UID]*corev1.Pod) {
	for uid, e := range alive {
		if there[uid] == nil {
			v.fault("the inventory ends with pod %s/%s %s, which is not there", e.Namespace, e.Name, uid)
		}
	}
	for uid, pod := range there {
		e, ok := alive[uid]
		want := event.OfPod(pod, nil)
		switch {
		case !ok:
			v.fault("the inventory does not end with pod %s/%s %s, which is there", pod.Namespace, pod.Name, uid)
		case !maps.Equal(e.Labels, want.Labels) || !slices.Equal(e.Addresses, want.Addresses):
			v.fault("the inventory ends with labels %v and addresses %v of pod %s/%s, which has %v and %v",
				e.Labels, e.Addresses, pod.Namespace, pod.Name, want.Labels, want.Addresses)
		}
	}
}

// kept returns an error while ends of pods are kept in ConfigMaps.
func (s *scene) kept(ctx context.Context) error {
	kept, err := s.kube.CoreV1().ConfigMaps(ownNamespace).List(ctx, metav1.ListOptions{LabelSelector: xosv1.PendingEventLabel})
	if err != nil {
		return err
	}
	if len(kept.Items) > 0 {
		return fmt.Errorf("%d ends of pods are kept in ConfigMaps, the first in %s", len(kept.Items), kept.Items[0].Name)
	}
	return nil
}
