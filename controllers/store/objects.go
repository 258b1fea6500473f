package store

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/apistatus"
)

// Objects reads and writes objects of any kind, as the account that its client acts as and
// under one field manager. Its errors are the server's own: a caller that reports one redacts it,
// since what was sent is a tenant's.
type Objects struct {
	client  dynamic.Interface
	manager string
}

// ObjectRef names an object, and the resource that it is read and written through.
type ObjectRef struct {
	Resource schema.GroupVersionResource
	Kind     string
	// Name has no namespace where the resource is cluster-scoped.
	Name cache.ObjectName
}

// NewObjects reads and writes through a client, under a field manager.
func NewObjects(client dynamic.Interface, manager string) *Objects {
	return &Objects{client: client, manager: manager}
}

func (s *Objects) clientFor(ref ObjectRef) dynamic.ResourceInterface {
	if ref.Name.Namespace == "" {
		return s.client.Resource(ref.Resource)
	}
	return s.client.Resource(ref.Resource).Namespace(ref.Name.Namespace)
}

// Read asks the server for an object.
func (s *Objects) Read(ctx context.Context, ref ObjectRef) (*unstructured.Unstructured, error) {
	return s.clientFor(ref).Get(ctx, ref.Name.Name, metav1.GetOptions{})
}

// List asks the server for all objects of the kind in the object's namespace.
func (s *Objects) List(ctx context.Context, ref ObjectRef) (*unstructured.UnstructuredList, error) {
	return s.clientFor(ref).List(ctx, metav1.ListOptions{})
}

// Apply applies, without force, to whatever has the name: it creates the object where
// there is none.
func (s *Objects) Apply(ctx context.Context, ref ObjectRef, want *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return s.requests(ref, want).apply(ctx, false)
}

// ApplyOver applies to an object of ours: see requests.applyOver.
func (s *Objects) ApplyOver(ctx context.Context, ref ObjectRef, want *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return s.requests(ref, want).applyOver(ctx, false)
}

// Adopt applies to an object without an owner. It never forces: a field that another
// manager holds stays theirs, and the error names it. Only client-side appliers give up to
// us what we declare.
func (s *Objects) Adopt(ctx context.Context, ref ObjectRef, want *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	r := s.requests(ref, want)
	if err := r.inherit(ctx); err != nil {
		return nil, err
	}
	return r.applyOver(ctx, true)
}

// Withdraw takes back all that an apply added to an object, by an apply that declares
// nothing. Gone already is as good as done.
func (s *Objects) Withdraw(ctx context.Context, ref ObjectRef, applied *unstructured.Unstructured) error {
	nothing := &unstructured.Unstructured{}
	nothing.SetAPIVersion(applied.GetAPIVersion())
	nothing.SetKind(applied.GetKind())
	nothing.SetNamespace(applied.GetNamespace())
	nothing.SetName(applied.GetName())
	nothing.SetUID(applied.GetUID())
	_, err := s.Apply(ctx, ref, nothing)
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// Release gives an object up, where it is the one that was meant: the changes of its
// metadata are sent, and the claim on its fields goes. It returns false where it is gone or
// another one. A resource that is not served is an error, since the object may be served
// through another version.
func (s *Objects) Release(
	ctx context.Context, ref ObjectRef, meant func(*unstructured.Unstructured) bool, changes map[string]any,
) (released bool, _ error) {
	return s.requests(ref, nil).release(ctx, meant, func(*unstructured.Unstructured) map[string]any { return changes })
}

// Delete deletes the object with this UID. What it owns is left to the garbage collector.
func (s *Objects) Delete(ctx context.Context, ref ObjectRef, uid types.UID) error {
	background := metav1.DeletePropagationBackground
	return s.clientFor(ref).Delete(ctx, ref.Name.Name, deleteOptions(uid, "", &background))
}

// requests are those about one object, through the dynamic client.
func (s *Objects) requests(ref ObjectRef, want *unstructured.Unstructured) requests[*unstructured.Unstructured] {
	client := s.clientFor(ref)
	return requests[*unstructured.Unstructured]{
		manager: s.manager, kind: ref.Kind, name: ref.Name.Name,
		get:  func(ctx context.Context) (*unstructured.Unstructured, error) { return s.Read(ctx, ref) },
		gone: func(err error) bool { return apierrors.IsNotFound(err) && !apistatus.NotServed(err) },
		apply: func(ctx context.Context, force bool, dryRun ...string) (*unstructured.Unstructured, error) {
			data, err := json.Marshal(want.Object)
			if err != nil {
				return nil, fmt.Errorf("encode %s %s: %w", ref.Kind, ref.Name, err)
			}
			return client.Patch(ctx, ref.Name.Name, types.ApplyPatchType, data, metav1.PatchOptions{
				FieldManager: s.manager, FieldValidation: metav1.FieldValidationStrict, Force: &force, DryRun: dryRun,
			})
		},
		mergePatch: func(ctx context.Context, _ string, data []byte) (*unstructured.Unstructured, error) {
			return client.Patch(ctx, ref.Name.Name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: s.manager})
		},
	}
}
