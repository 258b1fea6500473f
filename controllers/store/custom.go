package store

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
)

// CustomClient is the part of a custom resource's generated client that is used.
type CustomClient[T any] interface {
	Get(ctx context.Context, name string, opts metav1.GetOptions) (T, error)
	Create(ctx context.Context, object T, opts metav1.CreateOptions) (T, error)
	Patch(ctx context.Context, name string, kind types.PatchType, data []byte, opts metav1.PatchOptions, subresources ...string) (T, error)
	Delete(ctx context.Context, name string, opts metav1.DeleteOptions) error
}

// Custom is a kind of custom resource: read from the cache, written by a CustomWriter.
type Custom[T CustomObject] struct {
	*Resource[T]
	client func(namespace string) CustomClient[T]
}

// NewCustom describes a kind of custom resource. client is the generated
// client's method for a namespace.
func NewCustom[T CustomObject, C CustomClient[T]](
	kind schema.GroupVersionKind, plural string, informer cache.SharedIndexInformer, client func(namespace string) C,
) *Custom[T] {
	c := &Custom[T]{
		Resource: NewResource[T](kind, plural, informer),
		client:   func(namespace string) CustomClient[T] { return client(namespace) },
	}
	if err := c.absent.watch(informer); err != nil {
		panic(err) // the informer already runs: a programming error, seen at each start
	}
	return c
}

// WriteAs returns what writes objects of the kind as a writer. missed is called with the
// name of an object of which an event was held back during a write and shows anything
// else than that write; it may be nil for a writer whose handlers hold nothing back.
func (c *Custom[T]) WriteAs(writer Writer, missed func(cache.ObjectName)) CustomWriter[T] {
	return CustomWriter[T]{Resource: c.Resource, client: c.client, writer: writer, missed: missed}
}

// CustomWriter is a kind of custom resource for its writers: read from the cache,
// own writes included, also where an object can't be decoded. Each write is sent under the
// one field manager, and its answer is read before any event shows it.
type CustomWriter[T CustomObject] struct {
	*Resource[T]
	client func(namespace string) CustomClient[T]
	writer Writer
	missed func(cache.ObjectName)
}

// Read asks the server. Only where the cache may not be believed.
func (w CustomWriter[T]) Read(ctx context.Context, name cache.ObjectName) (T, error) {
	return w.client(name.Namespace).Get(ctx, name.Name, metav1.GetOptions{})
}

// Create creates an object.
func (w CustomWriter[T]) Create(ctx context.Context, o T) (T, error) {
	created, err := w.client(o.GetNamespace()).Create(ctx, o, metav1.CreateOptions{FieldManager: xosv1.FieldManager})
	if err != nil {
		return created, w.failed("create", o, err)
	}
	w.ObserveWrite(w.writer, created)
	return created, nil
}

// Patch merges a change into this very version of an object, so that what another client
// writes at the same time is not lost. Where a finalizer was the last thing that held the
// object, it is gone afterwards.
func (w CustomWriter[T]) Patch(ctx context.Context, o T, change map[string]any) (T, error) {
	metadata, ok := change["metadata"].(map[string]any)
	if !ok {
		metadata = map[string]any{}
		change["metadata"] = metadata
	}
	metadata["uid"], metadata["resourceVersion"] = o.GetUID(), o.GetResourceVersion()
	data, err := json.Marshal(change)
	if err != nil {
		return o, fmt.Errorf("encode patch: %w", err)
	}
	patched, err := w.patch(ctx, o, data)
	if err != nil {
		return o, w.failed("patch", o, err)
	}
	return patched, nil
}

// PatchStatus sends the difference of two statuses, and nothing where there is none. It
// names the UID, so that a namesake created meanwhile does not get it.
func (w CustomWriter[T]) PatchStatus(ctx context.Context, before, after T) (T, error) {
	if equality.Semantic.DeepEqual(before, after) {
		return before, nil
	}
	data, err := StatusPatch(before, after)
	if err != nil {
		return before, w.failed("compare the status of", before, err)
	}
	if data == nil {
		return before, nil
	}
	patched, err := w.patch(ctx, before, data, "status")
	if err != nil {
		return before, w.failed("patch the status of", before, err)
	}
	return patched, nil
}

// patch sends a merge patch. The watch may show the result before the answer is here:
// that event is not reported to the writer.
func (w CustomWriter[T]) patch(ctx context.Context, o T, data []byte, subresources ...string) (T, error) {
	name := cache.MetaObjectToName(o)
	w.beginWrite(w.writer, name)
	patched, err := w.client(name.Namespace).
		Patch(ctx, name.Name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: xosv1.FieldManager}, subresources...)
	version := ""
	if err == nil {
		version = patched.GetResourceVersion()
		if patched.GetDeletionTimestamp() == nil || len(patched.GetFinalizers()) > 0 { // otherwise that was its end
			w.ObserveWrite(w.writer, patched)
		}
	}
	if w.endWrite(w.writer, name, version) && w.missed != nil {
		w.missed(name)
	}
	return patched, err
}

// Delete deletes this very version of an object: what was decided about an older one may
// be wrong by now, and where another client writes to it at this moment the deletion
// fails. Gone already is as good as done.
func (w CustomWriter[T]) Delete(ctx context.Context, o T) error {
	err := w.client(o.GetNamespace()).Delete(ctx, o.GetName(), deleteOptions(o.GetUID(), o.GetResourceVersion(), nil))
	if err != nil && !apierrors.IsNotFound(err) {
		return w.failed("delete", o, err)
	}
	return nil
}

// failed is the error of a write, with the server's answer as it may be shown.
func (w CustomWriter[T]) failed(verb string, o T, err error) error {
	return fmt.Errorf("%s %s %s: %w", verb, w.Kind.Kind, cache.MetaObjectToName(o), apistatus.Redact(err, nil))
}

// CustomObject is a custom resource as this package sees it.
type CustomObject interface {
	xosv1.Object
}
