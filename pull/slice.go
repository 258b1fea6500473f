package pull

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=slices/status,verbs=patch

// sweepSlice counts the pods of a slice that the pull made, or deletes it when
// nothing is left of what it mirrors.
func (p *Puller) sweepSlice(ctx context.Context, name cache.ObjectName) error {
	slice, ok := p.slices.Get(name)
	if !ok || !isPulled(slice) || slice.DeletionTimestamp != nil {
		return nil
	}
	of, ok := mirrored(slice)
	if !ok {
		return nil // somebody took our mark off: it is theirs
	}
	instances := p.instances.ByIndex(bySlice, name.String())
	if len(instances) == 0 {
		needed, err := p.sliceNeeded(ctx, slice, of)
		if err != nil {
			return err
		}
		if !needed {
			return p.slices.delete(ctx, slice)
		}
	}
	after := slice.DeepCopy()
	observeSlice(&after.Status, of, instances)
	_, err := p.slices.patchStatus(ctx, slice, after)
	return ignoreNotFound(err)
}

// sliceNeeded says whether a slice without instances stays: its controller is
// there, as a Deployment that is scaled to nothing, is called so still, and the
// namespace is inventoried.
func (p *Puller) sliceNeeded(ctx context.Context, slice *xosv1.Slice, of native) (bool, error) {
	namespace, _ := p.cluster.Namespaces.Get(cache.NewObjectName("", slice.Namespace))
	if p.selection.Load().namespace(slice.Namespace, namespace) == unselected {
		return false, nil
	}
	lives, err := p.natives.lives(ctx, of)
	if err != nil || !lives {
		return false, err
	}
	below := &metav1.ObjectMeta{Namespace: slice.Namespace, OwnerReferences: []metav1.OwnerReference{of.reference()}}
	top, err := topController(ctx, below, p.natives.read)
	if err != nil {
		return false, err
	}
	return top.uid == of.uid && slices.Contains(top.sliceNames(), slice.Name), nil
}

// observeSlice writes into a slice's status what can be told from its pods. The
// conditions and the number of instances are its controller's.
func observeSlice(status *xosv1.SliceStatus, of native, instances []*xosv1.KubernetesServiceInstance) {
	ref := of.reference()
	status.Controller = &xosv1.ControllerReference{APIVersion: ref.APIVersion, Kind: ref.Kind, Name: ref.Name, UID: ref.UID}
	status.Replicas, status.ReadyReplicas = 0, 0
	for _, i := range instances {
		if i.DeletionTimestamp != nil {
			continue
		}
		status.Replicas++
		if i.Status.Ready {
			status.ReadyReplicas++
		}
	}
}
