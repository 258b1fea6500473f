package pull

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// send has Kafka acknowledge what is owed of a pod, in order, and returns what
// is acknowledged by then, be it all or not. The caller records it.
func (p *Puller) send(ctx context.Context, instance cache.ObjectName, recorded *xosv1.Delivery, s event.PodSnapshot, ended bool) (*xosv1.Delivery, error) {
	if p.opts.Publisher == nil {
		return recorded, nil
	}
	known := p.memory.latest(s.UID, recorded)
	for _, status := range event.Pending(known, s, ended) {
		acknowledged, err := p.sendOne(ctx, known, s, status)
		if errors.Is(err, ErrTooLarge) {
			known = p.refused(ctx, known, s, status, err)
			continue
		}
		if err != nil {
			countEvent(status, failedResult)
			p.memory.failed(instance, p.opts.Clock.Now())
			return known, fmt.Errorf("send the event %s of pod %s/%s: %w", status, s.Namespace, s.Name, err)
		}
		countEvent(status, acknowledgedResult)
		known = acknowledged
		p.memory.keep(*acknowledged)
		for _, waiting := range p.memory.succeeded() {
			p.queue.Add(waiting)
		}
	}
	if ended {
		p.memory.finish(s.UID)
	}
	p.memory.settled(instance)
	return known, nil
}

// refused gives an event up that Kafka takes in no size that we send: tried again, it
// would be refused again, and hold up what comes after it. It counts as told.
func (p *Puller) refused(ctx context.Context, known *xosv1.Delivery, s event.PodSnapshot, status xosv1.EventStatus, reason error) *xosv1.Delivery {
	countEvent(status, lostResult)
	klog.FromContext(ctx).Error(reason, "An event is lost: Kafka refuses it for its size, raise max.message.bytes of the topic",
		"status", status, "pod", klog.KRef(s.Namespace, s.Name), "uid", s.UID)
	d := p.toldOf(known, s, status)
	p.memory.keep(d)
	return &d
}

// toldOf is what is known of a delivery after an event.
func (p *Puller) toldOf(known *xosv1.Delivery, s event.PodSnapshot, status xosv1.EventStatus) xosv1.Delivery {
	d := event.DeliveryOf(known, s.UID)
	d.Announced = true
	d.Status = status
	d.Fingerprint = s.Fingerprint()
	d.ResourceVersion = s.ResourceVersion
	d.Time = &metav1.Time{Time: p.opts.Clock.Now()}
	return d
}

// sendOne sends one event. It waits for Kafka no longer than a worker may be
// kept from the others.
func (p *Puller) sendOne(ctx context.Context, known *xosv1.Delivery, s event.PodSnapshot, status xosv1.EventStatus) (*xosv1.Delivery, error) {
	cluster, err := p.clusterUID()
	if err != nil {
		return nil, err
	}
	m, err := s.Message(status, cluster, p.opts.Clock.Now())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.opts.Patience)
	defer cancel()
	receipt, err := p.opts.Publisher.Publish(ctx, m)
	if err != nil {
		return nil, err
	}
	d := p.toldOf(known, s, status)
	d.Topic, d.Partition, d.Offset = receipt.Topic, receipt.Partition, receipt.Offset
	return &d, nil
}

// lose gives up what is owed of a pod, since more than the event depends on it
// by now.
func (p *Puller) lose(ctx context.Context, instance cache.ObjectName, recorded *xosv1.Delivery, s event.PodSnapshot, reason error) {
	for _, status := range event.Pending(p.memory.latest(s.UID, recorded), s, true) {
		countEvent(status, lostResult)
		klog.FromContext(ctx).Error(reason, "An event is lost", "status", status, "pod", klog.KRef(s.Namespace, s.Name), "uid", s.UID)
	}
	p.memory.finish(s.UID)
	p.memory.settled(instance)
}

// sendEnds sends what is owed of pods that ended without an instance that could
// tell of them: managed ones, and those that did not live to be recorded. What
// Kafka does not take in time is lost.
func (p *Puller) sendEnds(ctx context.Context, instance cache.ObjectName, recorded *xosv1.Delivery) (*xosv1.Delivery, error) {
	for _, ended := range p.memory.endedOf(instance) {
		s := subjectOfEnded(ended)
		if lives, err := p.lives(ctx, cache.MetaObjectToName(ended.pod), s.UID); err != nil {
			return recorded, err
		} else if lives {
			continue // the watch was wrong, and will say so
		}
		if _, made := p.maker(ended.pod); !made && !p.records(ended) {
			p.memory.finish(s.UID)
			continue
		}
		known, err := p.send(ctx, instance, recorded, s, true)
		if err == nil {
			recorded = known
			continue
		}
		left := p.opts.Hold - p.opts.Clock.Since(ended.at)
		if left > 0 {
			p.queue.AddAfter(instance, left)
			return recorded, err
		}
		p.lose(ctx, instance, recorded, s, err)
	}
	return recorded, nil
}

func subjectOfEnded(ended endedPod) event.PodSnapshot {
	s := event.SnapshotOfPod(ended.pod)
	if s.DeletedAt.IsZero() {
		s.DeletedAt = ended.at
	}
	return s
}

// lives says whether a pod that the cache does not show is there all the same.
// What a watch has shown to end is gone; else the server has the last word, for
// the end of a pod is told once and can't be taken back.
func (p *Puller) lives(ctx context.Context, pod cache.ObjectName, uid types.UID) (bool, error) {
	if p.memory.sawEnd(uid) {
		return false, nil
	}
	live, err := p.cluster.Kubernetes.CoreV1().Pods(pod.Namespace).Get(ctx, pod.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("confirm the end of pod %s: %w", pod, err)
	}
	return live.UID == uid, nil
}

// records says whether an ended pod was one that is inventoried.
func (p *Puller) records(ended endedPod) bool {
	s := p.selection.Load()
	choice := p.chosenBy(s, ended.pod)
	return s.Enabled && (choice == record.Selected || (choice == record.Unknown && ended.selected))
}
