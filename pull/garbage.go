package pull

import (
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/owners"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// dependent names an object that instances depend on.
type dependent struct {
	kind string
	name cache.ObjectName
}

// garbageCollector keeps the status of inventoried slices, and deletes the records of
// what no instance depends on any more.
type garbageCollector struct {
	cluster *cluster.Cluster
	*records
	resolver     *owners.Resolver
	counterparts *counterparts
	dependents   *dependents
	selector     *podSelector
	queue        workqueue.TypedRateLimitingInterface[dependent]
}

// named are the keys of objects.
func named[O metav1.Object](objects []O) []cache.ObjectName {
	names := make([]cache.ObjectName, len(objects))
	for i, o := range objects {
		names[i] = cache.MetaObjectToName(o)
	}
	return names
}

func (g *garbageCollector) enqueueAll(kind string, names []cache.ObjectName) {
	for _, name := range names {
		g.queue.Add(dependent{kind, name})
	}
}

// enqueueSliceOf has the slice of an instance counted again, a moment later: its
// other instances may be changing too.
func (g *garbageCollector) enqueueSliceOf(i *xosv1.KubernetesServiceInstance) {
	if i.Spec.Slice != "" {
		g.queue.AddAfter(dependent{record.SliceKind, cache.NewObjectName(i.Namespace, i.Spec.Slice)}, statusDebounce)
	}
}

// enqueueSlicesOf enqueues the slices that record a controller of this name,
// whether they were made for it or a user gave them its name.
func (g *garbageCollector) enqueueSlicesOf(c metav1.Object, after time.Duration) {
	for _, slice := range g.slices.ByIndex(byController, cache.MetaObjectToName(c).String()) {
		g.queue.AddAfter(dependent{record.SliceKind, cache.MetaObjectToName(slice)}, after)
	}
	name := record.SliceNameOf(c)
	if slice, ok := g.slices.Get(name); ok && !record.IsPulled(slice) && !xosv1.IsManaged(slice) {
		g.queue.AddAfter(dependent{record.SliceKind, name}, after)
	}
}

func (g *garbageCollector) enqueueImageOf(i *xosv1.KubernetesServiceInstance) {
	if i.Spec.Image != "" {
		g.queue.Add(dependent{record.ImageKind, cache.NewObjectName("", i.Spec.Image)})
	}
}

func (g *garbageCollector) enqueuePrincipalOf(s *xosv1.Slice) {
	if s.Spec.Principal != "" {
		g.queue.Add(dependent{record.PrincipalKind, cache.NewObjectName(s.Namespace, s.Spec.Principal)})
	}
}

// enqueuePulled enqueues everything that the pull created: owners of kinds that
// nobody watches may have gone.
func (g *garbageCollector) enqueuePulled() {
	g.enqueueAll(record.SliceKind, named(g.slices.ByIndex(byPulled, xosv1.PulledValue)))
	g.enqueueAll(record.PrincipalKind, named(g.principals.ByIndex(byPulled, xosv1.PulledValue)))
	g.enqueueAll(record.TrustDomainKind, named(g.trustDomains.ByIndex(byPulled, xosv1.PulledValue)))
	g.enqueueAll(record.ImageKind, named(g.images.ByIndex(byPulled, xosv1.PulledValue)))
}

// collect deletes a dependent that the pull made, when what it mirrors is gone and
// nothing refers to it. An instance that begins to refer to it at the same
// moment sees it go and makes it again.
func (g *garbageCollector) collect(ctx context.Context, d dependent) error {
	if !g.selector.selection.Load().Enabled {
		return nil // what was inventoried stays as it is
	}
	switch d.kind {
	case record.SliceKind:
		return g.reconcileSlice(ctx, d.name)
	case record.PrincipalKind:
		return collectOne(ctx, g.principals, d.name, g.principalNeeded)
	case record.TrustDomainKind:
		return collectOne(ctx, g.trustDomains, d.name, g.trustDomainNeeded)
	case record.ImageKind:
		return collectOne(ctx, g.images, d.name, g.imageNeeded)
	}
	return fmt.Errorf("no dependents of kind %s are known", d.kind)
}

// collectOne discards an object of the pull's that is not needed.
func collectOne[T store.CustomObject](ctx context.Context, w store.CustomWriter[T], name cache.ObjectName, needed func(context.Context, T) (bool, error)) error {
	o, ok := w.Get(name)
	if !ok || !record.IsPulled(o) || o.GetDeletionTimestamp() != nil {
		return nil
	}
	keep, err := needed(ctx, o)
	if err != nil || keep {
		return err
	}
	return deleteUnclaimed(ctx, w, o)
}

// trustDomainNeeded: as long as its namespace is there, unless a user's own
// trust domain corresponds to it.
func (g *garbageCollector) trustDomainNeeded(ctx context.Context, d *xosv1.TrustDomain) (bool, error) {
	others := func(o *xosv1.TrustDomain) bool { return !record.IsPulled(o) }
	if slices.ContainsFunc(g.trustDomains.ByIndex(cluster.DomainsByNamespace, desired.NamespaceOf(d)), others) {
		return false, nil
	}
	if _, ok := g.cluster.Namespaces.Get(cache.NewObjectName("", desired.NamespaceOf(d))); ok {
		return true, nil
	}
	of, ok := ownership.MirroredBy(d)
	if !ok {
		return true, nil // another client removed the tracking metadata: it is theirs
	}
	return g.resolver.Exists(ctx, of)
}

// principalNeeded: as long as its ServiceAccount is there, or a pod or a slice
// refers to it.
func (g *garbageCollector) principalNeeded(ctx context.Context, principal *xosv1.Principal) (bool, error) {
	of, ok := ownership.MirroredBy(principal)
	if !ok || len(g.slices.ByIndex(byPrincipal, cache.MetaObjectToName(principal).String())) > 0 {
		return true, nil
	}
	if g.cluster.Pods.Count(byAccount, of.Name.String()) > 0 {
		return true, nil
	}
	return g.resolver.Exists(ctx, of)
}

// imageNeeded: as long as an instance names it, or an inventoried pod runs it in
// any of its containers and no user's own image says the same. The server is asked before it is deleted: the cache of
// instances may be behind.
func (g *garbageCollector) imageNeeded(ctx context.Context, image *xosv1.Image) (bool, error) {
	if g.instances.CountIndex(cluster.InstancesByImage, image.Name) > 0 {
		return true, nil
	}
	declared := slices.ContainsFunc(g.images.ByIndex(cluster.ImagesByIdentity, desired.IdentityOf(image)), func(o *xosv1.Image) bool { return !record.IsPulled(o) })
	for pod := range counted(g.cluster.Pods.Resource, byImage, identitiesOf, desired.IdentityOf(image)) {
		if _, recorded := g.instances.Get(cache.MetaObjectToName(pod)); recorded && !declared {
			return true, nil
		}
	}
	named, err := g.cluster.XOS.XosV1().KubernetesServiceInstances(metav1.NamespaceAll).List(ctx, metav1.ListOptions{
		FieldSelector: fields.OneTermEqualSelector("spec.image", image.Name).String(), Limit: 1,
	})
	if err != nil {
		return true, fmt.Errorf("list the instances of Image %s: %w", image.Name, err)
	}
	return len(named.Items) > 0, nil
}
