package applier

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// pass is one look at one resource instance, as one account.
type pass struct {
	*Applier
	*tally
	owner   ownership.Owner
	manager string
	// account is as whom requests are sent, identity the same as the API server
	// sees it.
	account  xosv1.AppliedAs
	identity identity
	objects  *store.Objects
	seen     *objectCache
	adopt    bool
	// adoptable returns why an object that belongs to nobody may not be adopted.
	adoptable func(kind schema.GroupKind, live metav1.Object) error
	prune     bool
	policy    xosv1.DeletionPolicy
	// earlier is the inventory that an earlier pass wrote down, saved the one that
	// is written down now.
	earlier, saved []xosv1.InventoryEntry
	// lenient says that what can't be cleared away may stay.
	lenient bool
	// removal is the word for deletions in the metric.
	removal string
	// consents says that what is given up may be adopted by another.
	consents bool
}

// tally is what a pass has found out and done, whichever account it was as.
type tally struct {
	begun time.Time
	// used are the watches that the pass read, refused the kinds of those that
	// the principal may not have, declared the kinds that it needs; unserved says
	// that there is one of a kind that comes or goes.
	used     map[scope]bool
	refused  map[string]bool
	declared map[schema.GroupVersionKind]bool
	unserved bool
	// acted says that something was applied or deleted, repaired that it had
	// been applied before.
	acted, repaired bool
	// written are the objects that the pass has applied or deleted.
	written map[manifest.ID]bool
	// ending counts the deletions that the pass has sent; believed says that an
	// earlier one of ours has still to show.
	ending   int
	believed bool
	// holds is what holds up the end of objects that are being deleted.
	holds map[manifest.ID]string
	// lost are the objects that are left behind for want of rights.
	lost []manifest.ID
	// givenUp are the objects that were released.
	givenUp []manifest.ID
	// handle is the API path of the one object of a blob.
	handle string
}

func (a *Applier) newPass(object instance, account xosv1.AppliedAs) (*pass, error) {
	name := cache.MetaObjectToName(object)
	p := &pass{
		Applier: a,
		tally: &tally{
			begun: time.Now(), used: map[scope]bool{}, refused: map[string]bool{},
			declared: map[schema.GroupVersionKind]bool{}, written: map[manifest.ID]bool{}, holds: map[manifest.ID]string{},
		},
		owner:     ownership.Owner{Kind: Kind, Name: name, UID: object.UID},
		manager:   FieldManager(name),
		seen:      a.cacheOf(name),
		adopt:     object.Spec.Adopt == xosv1.AdoptIfUnowned,
		adoptable: func(kind schema.GroupKind, live metav1.Object) error { return a.rules.Adoptable(object, kind, live) },
		prune:     object.Spec.Prune == nil || *object.Spec.Prune,
		policy:    object.Spec.DeletionPolicy,
		earlier:   manifest.Inventory(object),
		removal:   "delete",
	}
	p.saved = p.earlier
	return p.as(account)
}

// as is the same pass as another account.
func (p *pass) as(account xosv1.AppliedAs) (*pass, error) {
	other := *p
	other.account, other.identity = account, identityOf(account)
	client, err := other.identity.objects(p.Applier.manager)
	if err != nil {
		return nil, err
	}
	other.objects = store.NewObjects(client, p.manager)
	return &other, nil
}

// object is where an object is in the API.
type object struct {
	id       manifest.ID
	resource schema.GroupVersionResource
}

func (o object) ref() store.ObjectRef {
	return store.ObjectRef{Resource: o.resource, Kind: o.id.Kind, Name: cache.NewObjectName(o.id.Namespace, o.id.Name)}
}

// use starts the watch that shows an object, where it does not run.
func (p *pass) use(o object) (*watch, error) {
	s := scope{identity: p.identity, resource: o.resource, namespace: o.id.Namespace}
	p.used[s] = true
	return p.watches.use(p.owner.Name, s)
}

// find looks an object up: in a watch, or, where the principal may not watch, by
// a read. What we wrote or read later than the watch shows counts.
func (p *pass) find(ctx context.Context, o object) (live *metav1.PartialObjectMetadata, found bool, _ error) {
	w, err := p.use(o)
	if errors.Is(err, store.ErrTooManyInformers) {
		return nil, false, outcome.Obstruct(xosv1.ReasonInvalid,
			"%s: the resource instances of namespace %s have objects of more kinds, accounts and namespaces than %d, which is the limit: spread them over several namespaces",
			o.id, p.owner.Name.Namespace, maxScopes)
	}
	if err != nil {
		return nil, false, err
	}
	switch err := w.await(ctx, p.begun.Add(fillTimeout)); {
	case errors.Is(err, errRefused):
		p.refused[o.id.Kind] = true
		return p.read(ctx, o)
	case errors.Is(err, errNotServed):
		return nil, false, p.misplaced(o)
	case err != nil:
		return nil, false, fmt.Errorf("%s: %w", o.id, err)
	}
	if own, ok := p.seen.last(o.id); ok && own.ahead(w) {
		return own.metadata, true, nil
	}
	live, found = w.get(cache.NewObjectName(o.id.Namespace, o.id.Name))
	return live, found, nil
}

// misplaced is the error for an object whose resource the server does not serve where
// discovery has found it: that is looked up again.
func (p *pass) misplaced(o object) error {
	p.unserved = true
	p.kinds.Invalidate(o.resource.GroupVersion().WithKind(o.id.Kind))
	return fmt.Errorf("%s: its kind is %w in %s any more: looking for where it is", o.id, errNotServed, o.resource.GroupVersion())
}

// read asks the server, as the principal.
func (p *pass) read(ctx context.Context, o object) (live *metav1.PartialObjectMetadata, found bool, _ error) {
	whole, err := p.objects.Read(ctx, o.ref())
	if apistatus.NotServed(err) {
		return nil, false, p.misplaced(o)
	}
	if apierrors.IsNotFound(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", o.id, apistatus.Redact(err, nil))
	}
	return p.seen.observe(o.id, whole).metadata, true, nil
}

// wrote remembers and counts a write to an object.
func (p *pass) wrote(id manifest.ID, verb string) {
	p.written[id] = true
	store.CountWrite(Kind, id.Kind, verb)
}

// health is how a living object is doing. It is read whole only where that can
// have changed since it was last seen.
func (p *pass) health(ctx context.Context, o object, live *metav1.PartialObjectMetadata) (xosv1.Health, string) {
	if own, ok := p.seen.last(o.id); ok && own.metadata.UID == live.UID && own.metadata.ResourceVersion == live.ResourceVersion {
		return own.health, own.message
	}
	if manifest.Stateless(o.id.GroupKind()) {
		return xosv1.HealthCurrent, ""
	}
	_, found, err := p.read(ctx, o)
	switch {
	case err != nil:
		return xosv1.HealthUnknown, err.Error()
	case !found:
		return xosv1.HealthNotFound, "was there a moment ago"
	}
	own, _ := p.seen.last(o.id)
	return own.health, own.message
}

// leave drops the watches that the pass had no use for, and sees to it that what
// can't be watched is reconciled again.
func (p *pass) leave() {
	p.watches.Keep(p.owner.Name, p.used)
	p.kinds.Forget(p.owner.Name, p.declared)
	switch {
	case p.unserved:
		p.again()
	case len(p.refused) > 0:
		p.enqueue(p.owner.Name, pollRefused)
	}
}

// again has the resource instance reconciled again after a while, which grows as
// long as nothing comes of it.
func (p *pass) again() { p.enqueue(p.owner.Name, p.seen.pause(p.acted || p.ending > 0)) }

// unwatched are the kinds that the principal may not watch.
func (p *pass) unwatched() []string { return slices.Sorted(maps.Keys(p.refused)) }
