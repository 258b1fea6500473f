package applier

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/managedfields"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

// target is a document whose kind is known.
type target struct {
	object
	document manifest.Document
	// definedBy names the definition in the same blob that brings the kind.
	definedBy *manifest.ID
}

// resolve finds the kinds of the documents. A kind that the blob itself defines
// needs no discovery. unknown holds the others.
func (p *pass) resolve(documents []manifest.Document) (targets []target, unknown []manifest.Result) {
	definitions := manifest.Definitions(documents)
	for _, document := range documents {
		definition, defined := definitions[document.Kind.GroupKind()]
		var t target
		switch gvr, reports, served := definition.Resource(document.Kind); {
		case defined && served:
			t = p.target(document, kinds.Resource{GroupVersionResource: gvr, Namespaced: definition.Namespaced, Reports: reports})
			t.definedBy = &definition.By
		default:
			p.declared[document.Kind] = true
			found, err := p.kinds.Find(document.Kind, p.owner.Name)
			if err != nil {
				unknown = append(unknown, manifest.Result{ID: document.ID(), APIVersion: document.Kind.GroupVersion().String(), Err: p.notServed(document, err)})
				continue
			}
			t = p.target(document, found)
		}
		targets = append(targets, t)
	}
	return targets, unknown
}

func (p *pass) target(document manifest.Document, r kinds.Resource) target {
	namespace := ""
	if r.Namespaced {
		namespace = p.identity.namespace
	}
	if !r.Reports {
		document = document.WithStatus()
	}
	document = document.In(namespace)
	return target{object: object{id: document.ID(), resource: r.GroupVersionResource}, document: document}
}

// applyAll applies all documents in their order. One that fails does not hold up
// the others.
func (p *pass) applyAll(ctx context.Context, targets []target) []manifest.Result {
	for _, t := range targets {
		if t.definedBy == nil {
			_, _ = p.use(t.object) // all first lists at once; the error comes again below
		}
	}
	results := make([]manifest.Result, len(targets))
	ready := map[manifest.ID]bool{}
	for i, t := range targets {
		entry := p.entry(t)
		if t.definedBy != nil && !ready[*t.definedBy] {
			results[i] = manifest.FromEntry(entry)
			results[i].Health, results[i].Message = xosv1.HealthInProgress, "waits for "+t.definedBy.String()
			continue
		}
		result, err := p.guarded(ctx, t, entry)
		if err != nil {
			result = manifest.Failed(entry, err)
			if errors.Is(err, errNotServed) || apistatus.NotServed(err) {
				result.Health = xosv1.HealthUnknown
			}
		}
		results[i] = result
		ready[t.id] = result.Health == xosv1.HealthCurrent
	}
	if len(targets) == 1 && results[0].UID != "" {
		p.handle = observe.Handle(targets[0].document.Object.GetAPIVersion(), targets[0].resource.Resource, targets[0].id.Namespace, targets[0].id.Name)
	}
	return results
}

// entry is what the inventory says of a target.
func (p *pass) entry(t target) xosv1.InventoryEntry {
	for _, entry := range p.saved {
		if manifest.IDOf(entry) == t.id {
			return entry
		}
	}
	return xosv1.InventoryEntry{}
}

// guarded is bring, where a panic is that document's failure alone.
func (p *pass) guarded(ctx context.Context, t target, entry xosv1.InventoryEntry) (result manifest.Result, err error) {
	defer store.CatchPanic(Kind, ofInstance{p.owner.Name, t.id}, &err, func() error { return panicked(t.id) })
	return p.bring(ctx, t, entry)
}

// ofInstance names an object of a resource instance in the log.
type ofInstance struct {
	instance cache.ObjectName
	object   manifest.ID
}

// String implements fmt.Stringer.
func (o ofInstance) String() string { return o.instance.String() + ": " + o.object.String() }

// panicked is the error for an object over which there was a panic.
func panicked(id manifest.ID) error {
	return outcome.Retry(xosv1.ReasonFailed, "%s: the manager has failed over this object, which is a mistake of its own: see its log", id)
}

// bring makes one object be as declared.
//
//	not there                   create: see there. A Job that had a time to live is done
//	there, ours, as declared    nothing
//	there, ours, different      apply
//	there, nobody's             adopt, where the spec asks for it
//	there, another's            leave alone and say who holds it
func (p *pass) bring(ctx context.Context, t target, entry xosv1.InventoryEntry) (manifest.Result, error) {
	live, found, err := p.find(ctx, t.object)
	done := entry.ExpiresAs != "" && entry.ExpiresAs == t.document.Hash
	if err == nil && !found && !done && p.wasSaved(t.id) {
		live, found, err = p.read(ctx, t.object) // we may have applied it, and the watch may be behind
	}
	if err != nil {
		return manifest.Result{}, err
	}
	result := manifest.FromEntry(entry)
	if done && (!found || live.DeletionTimestamp != nil) {
		return result.Done(), nil
	}
	if !found {
		if err := p.mayCreate(t, entry); err != nil {
			return result, err
		}
		return p.write(t, entry, func() (*unstructured.Unstructured, error) { return p.create(ctx, t, entry) })
	}
	if live.DeletionTimestamp != nil {
		result.UID, result.Health = live.UID, xosv1.HealthTerminating
		result.Message = "is being deleted; it is applied again when it is gone"
		return result, nil
	}
	adopted, err := p.mayChange(t, live, entry)
	if err != nil {
		return result, err
	}
	had := ownership.Fingerprint(live)
	if had == t.document.Hash && p.intact(live, t, p.marks(t, adopted)) {
		result.UID = live.UID
		result.Health, result.Message = p.health(ctx, t.object, live)
		return p.noted(t, result), nil
	}
	if had == t.document.Hash {
		if err := p.mayRepair(ctx, t); err != nil {
			return result, err
		}
	}
	result, err = p.write(t, entry, func() (*unstructured.Unstructured, error) { return p.apply(ctx, t, live, p.marks(t, adopted)) })
	if err != nil {
		return result, err
	}
	if had == t.document.Hash {
		store.CountDrift(Kind, t.id.Kind)
	}
	verb := "apply"
	if had == "" && adopted {
		verb = "adopt"
	}
	p.wrote(t.id, verb)
	return result, nil
}

// write sends a write and returns its result. A watch may show it before the answer is here:
// that is no reason to reconcile the resource instance again, and anything else that the watch
// shows meanwhile is.
func (p *pass) write(t target, entry xosv1.InventoryEntry, send func() (*unstructured.Unstructured, error)) (manifest.Result, error) {
	version := ""
	p.seen.beginWrite(t.id)
	defer func() {
		if p.seen.endWrite(t.id, version) {
			p.enqueue(p.owner.Name, debounce)
		}
	}()
	written, err := send()
	if err != nil {
		return manifest.FromEntry(entry), err
	}
	version = written.GetResourceVersion()
	p.enqueueWaiting(t.id)
	return p.applied(t, written, entry), nil
}

// applied is the result of a write.
func (p *pass) applied(t target, applied *unstructured.Unstructured, entry xosv1.InventoryEntry) manifest.Result {
	p.acted, p.repaired = true, p.repaired || entry.UID != ""
	own := p.seen.observe(t.id, applied)
	result := manifest.FromEntry(entry)
	result.UID, result.Health, result.Message = own.metadata.UID, own.health, own.message
	return p.noted(t, result)
}

// noted is a result with what is known of the object beside its health: that the cluster
// deletes it by itself, and what it keeps of earlier declarations.
func (p *pass) noted(t target, result manifest.Result) manifest.Result {
	if own, ok := p.seen.last(t.id); ok && own.expires {
		result.ExpiresAs = t.document.Hash
	} else if ok {
		result.ExpiresAs = ""
	}
	if told := p.seen.kept.Message(t.id, result.UID, t.document.Hash); told != "" && result.Health == xosv1.HealthCurrent {
		result.Message = told
	}
	return result
}

// enqueueWaiting has those reconciled that wait for a kind, once a definition was written.
func (p *pass) enqueueWaiting(id manifest.ID) {
	if id.GroupKind() != manifest.CustomResourceDefinition {
		return
	}
	for _, waiting := range p.kinds.AskSoon() {
		p.enqueue(waiting, kinds.FirstPoll/2)
	}
}

func (p *pass) intact(live *metav1.PartialObjectMetadata, t target, marks map[string]string) bool {
	return live.Annotations[xosv1.OwnerAnnotation] == marks[xosv1.OwnerAnnotation] &&
		managedfields.Held(managedfields.Of(live.ManagedFields, p.manager), t.document.WithAnnotations(marks).Object)
}

// apply sends a document for an object that exists. Without a fingerprint it was never
// applied, and is adopted now.
func (p *pass) apply(ctx context.Context, t target, live *metav1.PartialObjectMetadata, marks map[string]string) (*unstructured.Unstructured, error) {
	wanted := t.document.WithAnnotations(marks)
	wanted.SetUID(live.UID) // not what has taken its name meanwhile
	send := p.objects.ApplyOver
	if ownership.Fingerprint(live) == "" {
		send = p.objects.Adopt
	}
	applied, err := send(ctx, t.ref(), wanted)
	var reported *outcome.Outcome
	if errors.As(err, &reported) {
		return nil, err
	}
	if err != nil {
		return nil, p.refusal(t, err)
	}
	p.seen.kept.Note(t.id, "it", t.document.Hash, p.manager,
		managedfields.Of(live.ManagedFields, p.manager), managedfields.Of(applied.GetManagedFields(), p.manager), applied)
	return applied, nil
}

// refusal is the server's answer as it may be shown. A kind that the same blob
// defines may be served in its old form for a moment after a change: what is invalid
// for now is not called so right after it.
func (p *pass) refusal(t target, err error) error {
	if apistatus.NotServed(err) {
		p.unserved = true
		p.kinds.Invalidate(t.document.Kind)
	}
	shown := fmt.Errorf("apply %s: %w", t.id, apistatus.Redact(err, t.document.Object.Object))
	if t.definedBy != nil && p.written[*t.definedBy] && apistatus.Read(err).Reason == xosv1.ReasonInvalid {
		return outcome.Retry(xosv1.ReasonProgressing, "%v; %s has just changed: trying again", shown, t.definedBy)
	}
	return shown
}

// allApplied says whether each document is in the cluster, so that what is
// declared no longer has got its replacement.
func allApplied(results, unknown []manifest.Result) bool {
	for _, r := range results {
		if r.Err != nil || r.UID == "" {
			return false
		}
	}
	return len(unknown) == 0
}
