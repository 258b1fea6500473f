package pull

import (
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// dependent names an object that instances depend on.
type dependent struct {
	kind string
	name cache.ObjectName
}

// named are the keys of objects.
func named[O metav1.Object](objects []O) []cache.ObjectName {
	names := make([]cache.ObjectName, len(objects))
	for i, o := range objects {
		names[i] = cache.MetaObjectToName(o)
	}
	return names
}

func (p *Puller) sweepAll(kind string, names []cache.ObjectName) {
	for _, name := range names {
		p.sweeps.Add(dependent{kind, name})
	}
}

// sweepSliceOf has the slice of an instance counted again, a moment later: its
// other instances may be changing too.
func (p *Puller) sweepSliceOf(i *xosv1.KubernetesServiceInstance) {
	if i.Spec.Slice != "" {
		p.sweeps.AddAfter(dependent{record.SliceKind, cache.NewObjectName(i.Namespace, i.Spec.Slice)}, gather)
	}
}

// sweepSlicesOf has the slices that record a controller of this name looked at,
// whether they were made for it or a user gave them its name.
func (p *Puller) sweepSlicesOf(c metav1.Object, after time.Duration) {
	for _, slice := range p.slices.ByIndex(byController, cache.MetaObjectToName(c).String()) {
		p.sweeps.AddAfter(dependent{record.SliceKind, cache.MetaObjectToName(slice)}, after)
	}
	name := record.SliceNameOf(c)
	if slice, ok := p.slices.Get(name); ok && !record.IsPulled(slice) && !xosv1.IsManaged(slice) {
		p.sweeps.AddAfter(dependent{record.SliceKind, name}, after)
	}
}

func (p *Puller) sweepImageOf(i *xosv1.KubernetesServiceInstance) {
	if i.Spec.Image != "" {
		p.sweeps.Add(dependent{record.ImageKind, cache.NewObjectName("", i.Spec.Image)})
	}
}

func (p *Puller) sweepPrincipalOf(s *xosv1.Slice) {
	if s.Spec.Principal != "" {
		p.sweeps.Add(dependent{record.PrincipalKind, cache.NewObjectName(s.Namespace, s.Spec.Principal)})
	}
}

// sweepPulled has everything looked at that the pull made: owners of kinds that
// nobody watches may have gone.
func (p *Puller) sweepPulled() {
	p.sweepAll(record.SliceKind, named(p.slices.ByIndex(byPulled, xosv1.PulledValue)))
	p.sweepAll(record.PrincipalKind, named(p.principals.ByIndex(byPulled, xosv1.PulledValue)))
	p.sweepAll(record.TrustDomainKind, named(p.trustDomains.ByIndex(byPulled, xosv1.PulledValue)))
	p.sweepAll(record.ImageKind, named(p.images.ByIndex(byPulled, xosv1.PulledValue)))
}

// sweep deletes a dependent that the pull made, when what it mirrors is gone and
// nothing refers to it. An instance that begins to refer to it at the same
// moment sees it go and makes it again.
func (p *Puller) sweep(ctx context.Context, d dependent) error {
	if !p.selection.Load().Enabled {
		return nil // what was inventoried stays as it is
	}
	switch d.kind {
	case record.SliceKind:
		return p.sweepSlice(ctx, d.name)
	case record.PrincipalKind:
		return sweepOne(ctx, p.principals, d.name, p.principalNeeded)
	case record.TrustDomainKind:
		return sweepOne(ctx, p.trustDomains, d.name, p.trustDomainNeeded)
	case record.ImageKind:
		return sweepOne(ctx, p.images, d.name, p.imageNeeded)
	}
	return fmt.Errorf("no dependents of kind %s are known", d.kind)
}

// sweepOne discards an object of the pull's that is not needed.
func sweepOne[T store.CustomObject](ctx context.Context, w store.CustomWriter[T], name cache.ObjectName, needed func(context.Context, T) (bool, error)) error {
	o, ok := w.Get(name)
	if !ok || !record.IsPulled(o) || o.GetDeletionTimestamp() != nil {
		return nil
	}
	keep, err := needed(ctx, o)
	if err != nil || keep {
		return err
	}
	return discard(ctx, w, o)
}

// trustDomainNeeded: as long as its namespace is there, unless a user's own
// trust domain corresponds to it.
func (p *Puller) trustDomainNeeded(ctx context.Context, d *xosv1.TrustDomain) (bool, error) {
	others := func(o *xosv1.TrustDomain) bool { return !record.IsPulled(o) }
	if slices.ContainsFunc(p.trustDomains.ByIndex(cluster.DomainsByNamespace, desired.NamespaceOf(d)), others) {
		return false, nil
	}
	if _, ok := p.cluster.Namespaces.Get(cache.NewObjectName("", desired.NamespaceOf(d))); ok {
		return true, nil
	}
	of, ok := ownership.MirroredBy(d)
	if !ok {
		return true, nil // somebody took our mark off: it is theirs
	}
	return p.natives.lives(ctx, of)
}

// principalNeeded: as long as its ServiceAccount is there, or a pod or a slice
// refers to it.
func (p *Puller) principalNeeded(ctx context.Context, principal *xosv1.Principal) (bool, error) {
	of, ok := ownership.MirroredBy(principal)
	if !ok || len(p.slices.ByIndex(byPrincipal, cache.MetaObjectToName(principal).String())) > 0 {
		return true, nil
	}
	if len(p.cluster.Pods.ByIndex(byAccount, of.Name.String())) > 0 {
		return true, nil
	}
	return p.natives.lives(ctx, of)
}

// imageNeeded: as long as an instance names it, or an inventoried pod runs it in
// any of its containers and no user's own image says the same. The server is asked before it is deleted: the cache of
// instances may be behind.
func (p *Puller) imageNeeded(ctx context.Context, image *xosv1.Image) (bool, error) {
	if len(p.instances.ByIndex(cluster.InstancesByImage, image.Name)) > 0 {
		return true, nil
	}
	declared := slices.ContainsFunc(p.images.ByIndex(cluster.ImagesByIdentity, identityOf(image)), func(o *xosv1.Image) bool { return !record.IsPulled(o) })
	for _, pod := range p.cluster.Pods.ByIndex(byImage, identityOf(image)) {
		if _, recorded := p.instances.Get(cache.MetaObjectToName(pod)); recorded && !declared {
			return true, nil
		}
	}
	named, err := p.cluster.XOS.XosV1().KubernetesServiceInstances(metav1.NamespaceAll).List(ctx, metav1.ListOptions{
		FieldSelector: fields.OneTermEqualSelector("spec.image", image.Name).String(), Limit: 1,
	})
	if err != nil {
		return true, fmt.Errorf("list the instances of Image %s: %w", image.Name, err)
	}
	return len(named.Items) > 0, nil
}
