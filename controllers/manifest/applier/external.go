package applier

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

// Kind is the kind that this package works for, as marks of ownership name it.
const Kind = "KubernetesResourceInstance"

// debounce is how long changes of a resource instance's objects are gathered
// before they are reconciled: a rollout is many of them.
const debounce = 200 * time.Millisecond

// instance is a short name for the object that the reconciler hands over.
type instance = *xosv1.KubernetesResourceInstance

// saver writes down what is about to be done.
type saver = reconciler.Save[instance]

// Applier applies the blobs of resource instances.
type Applier struct {
	manager  *rest.Config
	kinds    *kinds.Kinds
	watches  *watches
	rules    Rules
	recorder events.EventRecorder
	enqueue  func(name cache.ObjectName, after time.Duration)
	// fights paces the repairs of objects.
	fights *reconciler.RepairLimiter
	// large is held while a large blob is decoded: only so many at once may take
	// the memory that one may need.
	large sync.Mutex

	mu    sync.Mutex
	known map[cache.ObjectName]*objectCache
}

var _ reconciler.CustomReconciler[instance] = (*Applier)(nil)

// New makes an applier. manager is the configuration whose rights allow to
// impersonate, served knows which kinds are served; events about what is left behind
// go to the recorder, where there is one. It does no I/O.
func New(manager *rest.Config, served *kinds.Kinds, rules Rules, recorder events.EventRecorder) *Applier {
	a := &Applier{
		manager: manager, kinds: served, rules: rules, recorder: recorder,
		enqueue: func(cache.ObjectName, time.Duration) {},
		known:   map[cache.ObjectName]*objectCache{},
		fights:  reconciler.NewRepairLimiter(clock.RealClock{}),
	}
	served.OnServed(func(waiting cache.ObjectName) { a.enqueue(waiting, debounce) })
	a.watches = newWatches(manager, a.changed, func(follower cache.ObjectName) { a.enqueue(follower, debounce) })
	return a
}

// Stop ends all watches.
func (a *Applier) Stop() { a.watches.Stop() }

// SetEnqueue implements reconciler.CustomReconciler.
func (a *Applier) SetEnqueue(enqueue func(cache.ObjectName, time.Duration)) { a.enqueue = enqueue }

// Forget drops what is known of a resource instance that has ended.
func (a *Applier) Forget(name cache.ObjectName) {
	a.watches.Keep(name, nil)
	a.kinds.Forget(name, nil)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.known, name)
}

// changed has the owner of an object reconciled, unless the object is as we last
// wrote or read it.
func (a *Applier) changed(owner ownership.Owner, o *metav1.PartialObjectMetadata, gone bool) {
	if owner.Kind == Kind && (gone || !a.cacheOf(owner.Name).isKnown(o)) {
		a.enqueue(owner.Name, debounce)
	}
}

func (a *Applier) cacheOf(of cache.ObjectName) *objectCache {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.known[of]
	if !ok {
		s = newObjectCache()
		a.known[of] = s
	}
	return s
}

// Reconcile implements reconciler.CustomReconciler.
func (a *Applier) Reconcile(ctx context.Context, object instance, save saver) (func(into instance) outcome.Outcome, error) {
	namespace, err := a.rules.TargetNamespace(object)
	if err != nil {
		return nil, err
	}
	account, err := a.rules.Account(object, namespace)
	if err != nil {
		a.StopWatching(object)
		return nil, err
	}
	documents, err := a.decode(object.Spec.ResourceDefinition, namespace)
	if err != nil {
		return nil, outcome.Refuse(xosv1.ReasonInvalid, "spec.resourceDefinition: %v", err)
	}
	p, err := a.newPass(object, account)
	if err != nil {
		return nil, err
	}
	earlier, err := p.earlierSelf(object)
	if err != nil {
		return nil, err
	}
	targets, unknown := p.resolve(documents)
	declared := make([]manifest.Document, len(targets))
	for i, t := range targets {
		declared[i] = t.document
	}
	union, changed := manifest.Union(manifest.Inventory(object), declared)
	if len(union) > manifest.MaxInventory {
		return nil, outcome.Refuse(xosv1.ReasonInvalid, "the inventory would have %d entries, the limit is %d: let some be pruned first", len(union), manifest.MaxInventory)
	}
	if changed || !reconciler.Held(object) {
		record := func(into instance) { into.Status.Inventory, into.Status.Account = union, &earlier.account }
		if object, err = save(manifest.Intent(object, union), record); err != nil {
			return nil, fmt.Errorf("save the inventory: %w", err)
		}
	}
	p.saved, earlier.saved = union, union
	results := p.applyAll(ctx, targets)
	earlier.pruneHolders(ctx, targets, results, manifest.Leftover(union, declared))
	applied := allApplied(results, unknown)
	results = append(results, earlier.pruneAll(ctx, declared, unknown, applied)...)
	p.leave()
	a.recordReleased(object, p.givenUp)
	// What an earlier account applied is that account's to delete, up to the last.
	responsible := earlier.account
	if applied && len(results) == len(targets) {
		responsible = p.account
	}
	return p.observe(object, results, unknown, responsible), nil
}

// earlierSelf is the pass as the account that applied what is there.
func (p *pass) earlierSelf(object instance) (*pass, error) {
	former, err := p.rules.Former(object)
	if err != nil || former == p.account {
		return p, nil //nolint:nilerr // nobody else is proven, so that the present account has to do
	}
	return p.as(former)
}

// largeBlob is how many bytes make a blob one that is decoded alone.
const largeBlob = 64 << 10

func (a *Applier) decode(text, namespace string) ([]manifest.Document, error) {
	if len(text) >= largeBlob {
		a.large.Lock()
		defer a.large.Unlock()
	}
	return manifest.Decode(text, namespace)
}

// observe reports a pass in the status.
func (p *pass) observe(object instance, results, unknown []manifest.Result, responsible xosv1.AppliedAs) func(into instance) outcome.Outcome {
	change := pendingReport{object.Generation, object.Status.KubectlState}
	firstTime := object.Status.ObservedGeneration == object.Generation && !p.seen.isPending(change)
	// Who applied may have ended before it could report: what is found in place
	// counts as applied where the status does not tell of it.
	applied := p.acted || (!firstTime && allApplied(results, unknown)) ||
		(object.Status.KubectlState == "" && slices.ContainsFunc(results, func(r manifest.Result) bool { return r.UID != "" }))
	if !firstTime && !applied {
		p.seen.setPending(change)
	}
	wait := object.Spec.Wait == nil || *object.Spec.Wait
	entries := make([]xosv1.InventoryEntry, len(results))
	for i, r := range results {
		entries[i] = r.Entry()
	}
	return func(into instance) outcome.Outcome {
		into.Status.Inventory, into.Status.Account = entries, &responsible
		into.Status.KubectlState = manifest.NextState(into.Status.KubectlState, applied, firstTime && !p.repaired)
		into.Status.BackendHandle = p.handle
		reached := manifest.Outcome(append(results, unknown...), wait, p.unwatched())
		if reached.Reason == xosv1.ReasonForbidden && p.account.UID == "" {
			reached.Message += "; name a Principal with a role that allows it in spec.principal"
		}
		return reached
	}
}

// StopWatching implements reconciler.CustomReconciler: it ends the resource instance's watches, since a
// watch acts as an account for as long as it runs.
func (a *Applier) StopWatching(object instance) { a.watches.Keep(cache.MetaObjectToName(object), nil) }

// ComputeStatus implements reconciler.CustomReconciler: what was found last is still what is known.
func (a *Applier) ComputeStatus(object instance) func(into instance) outcome.Outcome {
	inventory := manifest.Inventory(object)
	results := make([]manifest.Result, len(inventory))
	for i, entry := range inventory {
		results[i] = manifest.FromEntry(entry)
	}
	return func(instance) outcome.Outcome { return manifest.Outcome(results, true, nil) }
}
