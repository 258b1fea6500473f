package pull

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/pull/owners"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=slices;slices/status,verbs=patch

// reconcileSlice brings the status of an inventoried slice to what its controller and
// its pods show. One that the pull made is deleted when nothing is left of what
// it mirrors.
func (g *garbageCollector) reconcileSlice(ctx context.Context, name cache.ObjectName) error {
	slice, ok := g.slices.Get(name)
	if !ok || xosv1.IsManaged(slice) || slice.DeletionTimestamp != nil {
		return nil
	}
	slice, err := g.followNewest(ctx, slice)
	if err != nil {
		return err
	}
	instances := g.instances.ByIndex(cluster.InstancesBySlice, name.String())
	of, ok := g.recordedController(slice)
	if ok && record.IsPulled(slice) && len(instances) == 0 {
		needed, err := g.sliceNeeded(ctx, slice, of)
		if err != nil {
			return err
		}
		if !needed {
			return deleteUnclaimed(ctx, g.slices, slice)
		}
	}
	after := slice.DeepCopy()
	if ok {
		seen, err := g.resolver.Status(ctx, of)
		if err != nil {
			return err
		}
		if seen.RecheckAfter > 0 {
			g.queue.AddAfter(dependent{record.SliceKind, name}, seen.RecheckAfter)
		}
		record.ShowController(&after.Status, of, seen, instances)
	} else {
		status.ShowWorkload(&after.Status, nil, observe.Workload{})
		after.Status.BackendHandle = ""
	}
	_, err = g.slices.PatchStatus(ctx, slice, after)
	return ignoreNotFound(err)
}

// followNewest has an inventoried slice record the controller that has taken the name
// of the one that it recorded.
func (g *garbageCollector) followNewest(ctx context.Context, slice *xosv1.Slice) (*xosv1.Slice, error) {
	of, ok := ownership.MirroredBy(slice)
	if !ok {
		return slice, nil
	}
	newest, err := g.resolver.Newest(ctx, of)
	if err != nil || newest == of {
		return slice, err
	}
	return g.dependents.mirror(ctx, slice, newest)
}

// replaceStale has a slice record this controller, if it is inventoried and records
// one that had the same name before.
func (d *dependents) replaceStale(ctx context.Context, name cache.ObjectName, by ownership.Mirrored) error {
	slice, ok := d.slices.Get(name)
	if !ok || xosv1.IsManaged(slice) {
		return nil
	}
	of, ok := ownership.MirroredBy(slice)
	if !ok || !of.SameName(by) || of.UID == by.UID {
		return nil
	}
	_, err := d.mirror(ctx, slice, by)
	return err
}

func (d *dependents) mirror(ctx context.Context, slice *xosv1.Slice, of ownership.Mirrored) (*xosv1.Slice, error) {
	return d.slices.Patch(ctx, slice, map[string]any{
		"metadata": map[string]any{"annotations": map[string]any{xosv1.MirrorsAnnotation: of.String()}},
	})
}

// recordedController is the controller that an inventoried slice records: the one
// that it was made for or, where a user made it, the one of its kind and name.
func (g *garbageCollector) recordedController(s *xosv1.Slice) (ownership.Mirrored, bool) {
	if of, ok := ownership.MirroredBy(s); ok {
		return of, true
	}
	for kind, controllers := range g.resolver.Controllers {
		if kind.Kind != s.Spec.ControllerKind {
			continue
		}
		if c, ok := controllers.Get(cache.MetaObjectToName(s)); ok && owners.IsRoot(c) && record.SliceNameOf(c) == cache.MetaObjectToName(s) {
			return ownership.Mirrored{Kind: controllers.GroupVersionKind, Name: cache.MetaObjectToName(c), UID: c.GetUID()}, true
		}
	}
	return ownership.Mirrored{}, false
}

// sliceNeeded says whether a slice without instances stays: its controller is
// there, as a Deployment that is scaled to nothing, is called so still, no other
// slice has taken it over, and the namespace is inventoried.
func (g *garbageCollector) sliceNeeded(ctx context.Context, slice *xosv1.Slice, of ownership.Mirrored) (bool, error) {
	namespace, _ := g.cluster.Namespaces.Get(cache.NewObjectName("", slice.Namespace))
	if g.selector.selection.Load().Namespace(slice.Namespace, namespace) == record.Unselected {
		return false, nil
	}
	lives, err := g.resolver.Exists(ctx, of)
	if err != nil || !lives {
		return false, err
	}
	below := &metav1.ObjectMeta{Namespace: slice.Namespace, OwnerReferences: []metav1.OwnerReference{{
		APIVersion: of.Kind.GroupVersion().String(), Kind: of.Kind.Kind, Name: of.Name.Name, UID: of.UID, Controller: ptr.To(true),
	}}}
	top, err := owners.FindRoot(ctx, below, g.resolver.Read, g.counterparts.createdBySlice)
	if err != nil {
		return false, err
	}
	anothers := top.CreatedBy.Kind == record.SliceKind && top.CreatedBy.Name != cache.MetaObjectToName(slice)
	return top.UID == of.UID && !anothers && slices.Contains(top.SliceNames(), slice.Name), nil
}
