package delivery

import (
	"cmp"
	"context"

	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// The functions of this file have ends outlive the process that nothing but its memory
// holds: the cluster stores them while Kafka is away.

// Secure makes the end of an entity outlive this process: it returns nil where Kafka
// knows of the entity, so that its absence tells, or else once the cluster stores it.
func (o *Outbox) Secure(ctx context.Context, end End) error {
	o.Ended(end)
	o.mu.Lock()
	i, pending := o.pending.get(end.ID)
	secure := !pending || i.stored || o.told[end.ID].OnInventory
	o.mu.Unlock()
	if secure {
		return nil
	}
	if err := o.opts.Cluster.Store(ctx, end); err != nil {
		return err
	}
	o.mu.Lock()
	i, ok := o.pending.get(end.ID)
	if ok {
		o.pending.store(i)
	}
	o.mu.Unlock()
	if !ok {
		return o.opts.Cluster.Discard(ctx, end.ID) // it was published meanwhile
	}
	o.giveUpOldest(ctx)
	return nil
}

// giveUpOldest forgets the oldest of the stored ends while there are too many.
func (o *Outbox) giveUpOldest(ctx context.Context) {
	for {
		o.mu.Lock()
		oldest := o.pending.oldestStored(cmp.Or(o.opts.MaxStored, DefaultMaxStored))
		if oldest != nil {
			o.givenUp++
		}
		total := o.givenUp
		o.mu.Unlock()
		if oldest == nil {
			return
		}
		klog.FromContext(ctx).Info("The end of a pod is given up: too many wait for Kafka", "pod", klog.KRef(oldest.ended.Namespace, oldest.ended.Name), "uid", oldest.UID)
		EventsTotal.WithLabelValues(string(oldest.Kind), string(xosv1.EventDeleted), lostResult).Inc()
		o.finish(ctx, oldest.ended.Entity, true)
		if o.opts.OnGivenUp != nil {
			o.opts.OnGivenUp(total)
		}
	}
}

// secureAll keeps the ends that nothing but this process remembers.
func (o *Outbox) secureAll(ctx context.Context) {
	o.mu.Lock()
	var ends []End
	for e := o.pending.order.Front(); e != nil; e = e.Next() {
		if i := e.Value.(*item); i.ended != nil && i.ended.Selected && !i.stored && !o.told[i.ID].OnInventory {
			ends = append(ends, *i.ended)
		}
	}
	o.mu.Unlock()
	for _, end := range ends {
		if o.opts.Cluster.Remembers(end) {
			continue
		}
		if err := o.Secure(ctx, end); err != nil {
			klog.FromContext(ctx).Info("The end of a pod can't be kept, trying again", "pod", klog.KRef(end.Namespace, end.Name), "reason", err.Error())
			return
		}
	}
}
