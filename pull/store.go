package pull

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/engine"
)

// store is one kind of custom resource as the pull reads and writes it: read
// from the cache, our own writes included, and written by the generated client.
type store[T engine.Parent] struct {
	*engine.Resource[T]
	client func(namespace string) writer[T]
}

// writer is the part of a generated client that the pull uses.
type writer[T any] interface {
	Get(ctx context.Context, name string, opts metav1.GetOptions) (T, error)
	Create(ctx context.Context, object T, opts metav1.CreateOptions) (T, error)
	Patch(ctx context.Context, name string, kind types.PatchType, data []byte, opts metav1.PatchOptions, subresources ...string) (T, error)
	Delete(ctx context.Context, name string, opts metav1.DeleteOptions) error
}

func newStore[T engine.Parent, W writer[T]](custom *engine.Custom[T], client func(namespace string) W) store[T] {
	return store[T]{custom.Resource, func(namespace string) writer[T] { return client(namespace) }}
}

func (s store[T]) create(ctx context.Context, o T) (T, error) {
	created, err := s.client(o.GetNamespace()).Create(ctx, o, metav1.CreateOptions{FieldManager: xosv1.FieldManager})
	if err != nil {
		return created, fmt.Errorf("create %s %s: %w", s.Kind.Kind, cache.MetaObjectToName(o), err)
	}
	s.Wrote(created)
	return created, nil
}

// patch merges a change into this very version of an object. Where a finalizer
// was the last thing that held it, the object is gone afterwards.
func (s store[T]) patch(ctx context.Context, o T, change map[string]any) (T, error) {
	meta, ok := change["metadata"].(map[string]any)
	if !ok {
		meta = map[string]any{}
		change["metadata"] = meta
	}
	meta["uid"], meta["resourceVersion"] = o.GetUID(), o.GetResourceVersion()
	data, err := json.Marshal(change)
	if err != nil {
		return o, fmt.Errorf("encode a patch: %w", err)
	}
	patched, err := s.client(o.GetNamespace()).
		Patch(ctx, o.GetName(), types.MergePatchType, data, metav1.PatchOptions{FieldManager: xosv1.FieldManager})
	if err != nil {
		return o, fmt.Errorf("patch %s %s: %w", s.Kind.Kind, cache.MetaObjectToName(o), err)
	}
	if patched.GetDeletionTimestamp() == nil {
		s.Wrote(patched)
	}
	return patched, nil
}

// patchStatus sends the difference of two statuses, and nothing where there is
// none. It names the UID, so that no namesake gets it.
func (s store[T]) patchStatus(ctx context.Context, before, after T) (T, error) {
	if equality.Semantic.DeepEqual(before, after) {
		return before, nil
	}
	data, err := engine.StatusPatch(before, after)
	switch {
	case err != nil:
		return before, fmt.Errorf("compare the status of %s %s: %w", s.Kind.Kind, cache.MetaObjectToName(before), err)
	case data == nil:
		return before, nil
	}
	patched, err := s.client(before.GetNamespace()).
		Patch(ctx, before.GetName(), types.MergePatchType, data, metav1.PatchOptions{FieldManager: xosv1.FieldManager}, "status")
	if err != nil {
		return before, fmt.Errorf("patch the status of %s %s: %w", s.Kind.Kind, cache.MetaObjectToName(before), err)
	}
	s.Wrote(patched)
	return patched, nil
}

// discard ends a record whose native object is gone, unless others have written to
// it: then it is theirs.
func (s store[T]) discard(ctx context.Context, record T) error {
	if engine.WrittenByOthers(record) {
		return yield(ctx, s, record)
	}
	return s.delete(ctx, record)
}

// delete ends this very version of an object: what was decided about an older
// one may be wrong by now, and who writes to it at this moment makes the deletion
// fail. Gone already is as good as done.
func (s store[T]) delete(ctx context.Context, o T) error {
	uid, version := o.GetUID(), o.GetResourceVersion()
	err := s.client(o.GetNamespace()).Delete(ctx, o.GetName(), metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &uid, ResourceVersion: &version},
	})
	if err := ignoreNotFound(err); err != nil {
		return fmt.Errorf("delete %s %s: %w", s.Kind.Kind, cache.MetaObjectToName(o), err)
	}
	return nil
}

// ignoreNotFound drops the error that says that an object is not there any more.
func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
