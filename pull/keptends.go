package pull

import (
	"context"
	"fmt"

	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
)

const (
	// keptEndPrefix begins the names of the ConfigMaps of kept ends; the UID of the pod follows.
	keptEndPrefix = "pending-event-"
	// keptEndKey is the key of the entity, as the topic of the inventory has it.
	keptEndKey = "event"
	// keptLabelBytes bounds the labels of a kept end: tens of thousands may wait, in a namespace
	// that no quota of a tenant's covers.
	keptLabelBytes = 2 << 10
)

// keptEnds keeps ends of pods in ConfigMaps of the manager's namespace: of pods that Kafka
// was never told of, whose record is gone, while Kafka is away. Without a namespace there
// is none, and they are kept in memory alone.
type keptEnds struct{ maps *store.LabelledConfigMaps }

func (k keptEnds) list(ctx context.Context) ([]delivery.Remembered, error) {
	if k.maps == nil {
		return nil, nil
	}
	data, err := k.maps.List(ctx)
	if err != nil {
		return nil, err
	}
	var all []delivery.Remembered
	for name, d := range data {
		e, err := event.Decode([]byte(d[keptEndKey]))
		if err != nil {
			klog.FromContext(ctx).Error(err, "A kept end of a pod can't be read; delete the ConfigMap", "configMap", name)
			continue
		}
		all = append(all, delivery.Remembered{End: delivery.End{Entity: e, Selected: true, Confirmed: true}, Stored: true})
	}
	return all, nil
}

func (k keptEnds) create(ctx context.Context, end delivery.End) error {
	if k.maps == nil {
		return nil
	}
	data, err := encodeKept(end.Entity)
	if err != nil {
		return err
	}
	if err := k.maps.Create(ctx, keptEndPrefix+string(end.UID), map[string]string{keptEndKey: string(data)}); err != nil {
		return fmt.Errorf("keep the end of pod %s/%s: %w", end.Namespace, end.Name, err)
	}
	return nil
}

// encodeKept returns what is kept of an entity.
func encodeKept(e event.Entity) ([]byte, error) {
	e.Labels = observe.LabelsWithin(e.Labels, keptLabelBytes)
	return e.Encode()
}

func (k keptEnds) delete(ctx context.Context, id event.ID) error {
	if k.maps == nil {
		return nil
	}
	return k.maps.Delete(ctx, keptEndPrefix+string(id.UID))
}
