package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/event"
)

// Options are what an outbox needs to know and to reach.
type Options struct {
	// Publisher takes the events; they go nowhere where nil.
	Publisher Publisher
	Clock     clock.PassiveClock
	// PublishTimeout is how long a worker waits for one event to be acknowledged.
	PublishTimeout time.Duration
	// FinalizerTimeout is how long the end of a pod is kept for its last event.
	FinalizerTimeout time.Duration
	// Pods confirm that a pod is gone.
	Pods typedcorev1.PodsGetter
	// ClusterUID identifies the cluster in events.
	ClusterUID func() (types.UID, error)
	// Inventoried returns whether a pod that has ended was inventoried, or made by an
	// instance.
	Inventoried func(EndedPod) bool
	// Retry and RetryAfter enqueue an instance whose events can be sent, or tried again.
	Retry      func(cache.ObjectName)
	RetryAfter func(cache.ObjectName, time.Duration)
}

// Outbox sends the pending events of pods, and keeps what is known of their delivery.
type Outbox struct {
	*State
	Options
}

// New returns an outbox that knows of nothing yet.
func New(opts Options) *Outbox { return &Outbox{State: NewState(), Options: opts} }

// Send has Kafka acknowledge the pending events of a pod, in order, and returns what
// is acknowledged by then, be it all or not. The caller records it.
func (o *Outbox) Send(ctx context.Context, instance cache.ObjectName, recorded *xosv1.Delivery, s event.PodSnapshot, ended bool) (*xosv1.Delivery, error) {
	if o.Publisher == nil {
		return recorded, nil
	}
	known := o.Latest(s.UID, recorded)
	for _, status := range event.Pending(known, s, ended) {
		acknowledged, err := o.sendOne(ctx, known, s, status)
		if errors.Is(err, ErrTooLarge) {
			known = o.dropTooLarge(ctx, known, s, status, err)
			continue
		}
		if err != nil {
			countEvent(status, failedResult)
			o.Failed(instance, o.Clock.Now())
			return known, fmt.Errorf("send the event %s of pod %s/%s: %w", status, s.Namespace, s.Name, err)
		}
		countEvent(status, acknowledgedResult)
		known = acknowledged
		o.Acknowledge(*acknowledged)
		for _, waiting := range o.Succeeded() {
			o.Retry(waiting)
		}
	}
	if ended {
		o.Finish(s.UID)
	}
	o.Settled(instance)
	return known, nil
}

// dropTooLarge gives an event up that Kafka takes in no size that we send: tried again, it
// would be refused again, and hold up what comes after it. It counts as acknowledged.
func (o *Outbox) dropTooLarge(ctx context.Context, known *xosv1.Delivery, s event.PodSnapshot, status xosv1.EventStatus, reason error) *xosv1.Delivery {
	countEvent(status, lostResult)
	klog.FromContext(ctx).Error(reason, "An event is lost: Kafka refuses it for its size, raise max.message.bytes of the topic",
		"status", status, "pod", klog.KRef(s.Namespace, s.Name), "uid", s.UID)
	d := o.after(known, s, status)
	o.Acknowledge(d)
	return &d
}

// after is what is known of a delivery after an event.
func (o *Outbox) after(known *xosv1.Delivery, s event.PodSnapshot, status xosv1.EventStatus) xosv1.Delivery {
	d := event.DeliveryOf(known, s.UID)
	d.Announced = true
	d.Status = status
	d.Fingerprint = s.Fingerprint()
	d.ResourceVersion = s.ResourceVersion
	d.Time = &metav1.Time{Time: o.Clock.Now()}
	return d
}

// sendOne sends one event. It waits for Kafka no longer than a worker may be
// kept from the others.
func (o *Outbox) sendOne(ctx context.Context, known *xosv1.Delivery, s event.PodSnapshot, status xosv1.EventStatus) (*xosv1.Delivery, error) {
	cluster, err := o.ClusterUID()
	if err != nil {
		return nil, err
	}
	m, err := s.Message(status, cluster, o.Clock.Now())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.PublishTimeout)
	defer cancel()
	receipt, err := o.Publisher.Publish(ctx, m)
	if err != nil {
		return nil, err
	}
	d := o.after(known, s, status)
	d.Topic, d.Partition, d.Offset = receipt.Topic, receipt.Partition, receipt.Offset
	return &d, nil
}

// Drop gives up the pending events of a pod, since more than the event depends on it
// by now.
func (o *Outbox) Drop(ctx context.Context, instance cache.ObjectName, recorded *xosv1.Delivery, s event.PodSnapshot, reason error) {
	for _, status := range event.Pending(o.Latest(s.UID, recorded), s, true) {
		countEvent(status, lostResult)
		klog.FromContext(ctx).Error(reason, "An event is lost", "status", status, "pod", klog.KRef(s.Namespace, s.Name), "uid", s.UID)
	}
	o.Finish(s.UID)
	o.Settled(instance)
}

// SendEnded sends the pending events of pods that ended without an instance that could
// tell of them: managed ones, and those that did not live to be recorded. What
// Kafka does not take in time is lost.
func (o *Outbox) SendEnded(ctx context.Context, instance cache.ObjectName, recorded *xosv1.Delivery) (*xosv1.Delivery, error) {
	for _, ended := range o.EndedPods(instance) {
		s := SnapshotOfEnded(ended)
		if lives, err := o.Lives(ctx, cache.MetaObjectToName(ended.Pod), s.UID); err != nil {
			return recorded, err
		} else if lives {
			continue // the watch was wrong, and will say so
		}
		if !o.Inventoried(ended) {
			o.Finish(s.UID)
			continue
		}
		known, err := o.Send(ctx, instance, recorded, s, true)
		if err == nil {
			recorded = known
			continue
		}
		left := o.FinalizerTimeout - o.Clock.Since(ended.At)
		if left > 0 {
			o.RetryAfter(instance, left)
			return recorded, err
		}
		o.Drop(ctx, instance, recorded, s, err)
	}
	return recorded, nil
}

// SnapshotOfEnded returns the snapshot of a pod that has ended, at the latest when that
// was seen.
func SnapshotOfEnded(ended EndedPod) event.PodSnapshot {
	s := event.SnapshotOfPod(ended.Pod)
	if s.DeletedAt.IsZero() {
		s.DeletedAt = ended.At
	}
	return s
}

// Lives says whether a pod that the cache does not show is there all the same.
// What a watch has shown to end is gone; else the server has the last word, for
// the end of a pod is reported once and can't be taken back.
func (o *Outbox) Lives(ctx context.Context, pod cache.ObjectName, uid types.UID) (bool, error) {
	if o.DeletionConfirmed(uid) {
		return false, nil
	}
	live, err := o.Pods.Pods(pod.Namespace).Get(ctx, pod.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("confirm the end of pod %s: %w", pod, err)
	}
	return live.UID == uid, nil
}
