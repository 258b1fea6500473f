package store

import (
	"context"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/managedfields"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// requests are those about one object, as one field manager, through whichever client:
// Native sends them through a generated one, Objects through a dynamic one. What is sent in
// which order, and what an answer means, is decided here for both.
type requests[O metav1.Object] struct {
	manager string
	// kind and name are what a person calls the object.
	kind, name string
	get        func(ctx context.Context) (O, error)
	// apply sends the wanted configuration.
	apply func(ctx context.Context, force bool, dryRun ...string) (O, error)
	// mergePatch is sent to do what the verb says, which its error names.
	mergePatch func(ctx context.Context, verb string, data []byte) (O, error)
	// gone returns whether a read has failed since there is no object.
	gone func(err error) bool
	// observe, where not nil, is called with the answer to a release.
	observe func(released O)
}

// applyOver applies to an object that exists. Of an object of ours, a field that was
// edited by hand is taken back: that is what repairing drift means. A field that another
// applier declares as its own is not fought over: the error names it. Of an object that is
// adopted, no other manager's field is taken.
func (r requests[O]) applyOver(ctx context.Context, adopted bool) (O, error) {
	applied, err := r.apply(ctx, false)
	conflicts, declared := ownership.Conflicts(err)
	if len(conflicts) == 0 {
		return applied, err
	}
	if adopted {
		declared = conflicts
	}
	if len(declared) > 0 {
		return applied, outcome.Conflicts(r.kind, r.name, declared)
	}
	return r.apply(ctx, true)
}

// inherit has the records of client-side appliers hold no field that we declare, before
// an object is adopted: a field that is removed from the declaration later would stay for
// theirs, and what we released ourselves would be held by a manager that does not exist. A dry
// run of the apply shows what that would make of the records. Where another manager's
// fields are in the way, the error names them.
func (r requests[O]) inherit(ctx context.Context) error {
	tried, err := r.apply(ctx, false, metav1.DryRunAll)
	if conflicts, _ := ownership.Conflicts(err); len(conflicts) > 0 {
		if held := slices.DeleteFunc(conflicts, ownership.OfClientSide); len(held) > 0 {
			return outcome.Conflicts(r.kind, r.name, held)
		}
		tried, err = r.apply(ctx, true, metav1.DryRunAll)
	}
	if err != nil {
		return err
	}
	records, changed, err := managedfields.Inherit(tried.GetManagedFields(), r.manager)
	if err != nil || !changed {
		return err
	}
	data, err := ownership.MetadataPatch(tried, map[string]any{"managedFields": records})
	if err != nil {
		return err
	}
	_, err = r.mergePatch(ctx, "take over the fields of", data)
	if apierrors.IsConflict(err) {
		return outcome.Retry(xosv1.ReasonConflict, "%s %s changed while it was to be taken over: trying again", r.kind, r.name)
	}
	return err
}

// release gives an object up: the changes of its metadata that remove its tracking
// metadata are sent, and our claim on its fields goes, everything else stays as it is. It
// reads the object, since a cache does not keep who manages which field; a release is
// rare. It returns false where there was nothing to do: the object is gone, or is not the
// one that was meant.
func (r requests[O]) release(ctx context.Context, meant func(current O) bool, changes func(current O) map[string]any) (released bool, _ error) {
	current, err := r.get(ctx)
	switch {
	case err != nil && r.gone(err):
		return false, nil
	case err != nil:
		return false, err
	case !meant(current):
		return false, nil
	}
	metadata := changes(current)
	metadata["managedFields"] = ownership.Disclaim(current.GetManagedFields(), r.manager)
	return true, r.patchMetadata(ctx, current, metadata)
}

// patchMetadata releases an object by a change of its metadata in this very version. Gone
// already is as good as done.
func (r requests[O]) patchMetadata(ctx context.Context, current O, metadata map[string]any) error {
	data, err := ownership.MetadataPatch(current, metadata)
	if err != nil {
		return err
	}
	released, err := r.mergePatch(ctx, "release", data)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err == nil && r.observe != nil {
		r.observe(released)
	}
	return err
}

// deleteOptions are those that delete this very object: not one that has taken its name
// since, and where there is a version, not one that was changed since it was read.
func deleteOptions(uid types.UID, version string, propagation *metav1.DeletionPropagation) metav1.DeleteOptions {
	preconditions := &metav1.Preconditions{UID: &uid}
	if version != "" {
		preconditions.ResourceVersion = &version
	}
	return metav1.DeleteOptions{Preconditions: preconditions, PropagationPolicy: propagation}
}
