package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// pointer is an object type of which a test can make an empty one.
type pointer[T any] interface {
	*T
	metav1.Object
	runtime.Object
}

// Objects is an API server of one kind in memory. Its caches see a write only when
// a test shows it to them.
type Objects[T any, O pointer[T]] struct {
	resource string
	Live     map[string]O
	// Unseen are the events that the caches have not been shown.
	Unseen []event[O]
	caches []*Informer
	shared *Server
}

type event[O any] struct {
	object O
	gone   bool
}

// Server is what the kinds have in common: the count of versions and the log.
type Server struct {
	version int
	// Writes are all that were sent, as "create shop/settings".
	Writes []string
	// answer, where not nil, may refuse a request; the request is then not done.
	Answer func(write string) error
	// lose, where not nil, loses the answer to a request that is done, and swallow
	// answers one that is not.
	Lose, Swallow func(write string) bool
}

func (s *Server) write(format string, args ...any) error {
	w := fmt.Sprintf(format, args...)
	if s.Answer != nil {
		if err := s.Answer(w); err != nil {
			return err
		}
	}
	s.Writes = append(s.Writes, w)
	return nil
}

// NewObjects returns the objects of a resource on a server.
func NewObjects[T any, O pointer[T]](shared *Server, resource string) *Objects[T, O] {
	return &Objects[T, O]{resource: resource, Live: map[string]O{}, shared: shared}
}

// Put is a write of another client's, or the effect of one of ours.
func (s *Objects[T, O]) Put(o O) O {
	o = o.DeepCopyObject().(O)
	s.shared.version++
	o.SetResourceVersion(strconv.Itoa(s.shared.version))
	key := cache.MetaObjectToName(o).String()
	if o.GetUID() == "" {
		o.SetUID(types.UID("uid-" + strconv.Itoa(s.shared.version)))
	}
	gone := o.GetDeletionTimestamp() != nil && len(o.GetFinalizers()) == 0
	if s.Live[key] = o; gone {
		delete(s.Live, key)
	}
	s.Unseen = append(s.Unseen, event[O]{o, gone})
	return o.DeepCopyObject().(O)
}

// Remove deletes an object, once its finalizers have gone.
func (s *Objects[T, O]) Remove(key string) {
	o := s.Live[key].DeepCopyObject().(O)
	o.SetDeletionTimestamp(&metav1.Time{Time: Noon})
	s.Put(o)
}

// Show brings the caches up to date; false where they were.
func (s *Objects[T, O]) Show() bool {
	unseen := s.Unseen
	s.Unseen = nil
	for _, e := range unseen {
		for _, c := range s.caches {
			c.Show(e.object.DeepCopyObject().(O), e.gone)
		}
	}
	return len(unseen) > 0
}

// NewInformer is a new cache, with all that there is in it.
func (s *Objects[T, O]) NewInformer() *Informer {
	stub := NewInformer()
	s.caches, s.Unseen = []*Informer{stub}, nil
	return stub
}

// Fill is the first list of a new cache.
func (s *Objects[T, O]) Fill() {
	for _, key := range slices.Sorted(maps.Keys(s.Live)) {
		for _, c := range s.caches {
			c.Show(s.Live[key].DeepCopyObject().(O), false)
		}
	}
}

func (s *Objects[T, O]) notFound(name string) error {
	return apierrors.NewNotFound(schema.GroupResource{Resource: s.resource}, name)
}

// Client writes to one namespace of the store.
type Client[T any, O pointer[T]] struct {
	*Objects[T, O]
	namespace string
}

// For returns the client of a namespace.
func (s *Objects[T, O]) For(namespace string) Client[T, O] { return Client[T, O]{s, namespace} }

func (c Client[T, O]) key(name string) string { return cache.NewObjectName(c.namespace, name).String() }

// Get reads an object.
func (c Client[T, O]) Get(_ context.Context, name string, _ metav1.GetOptions) (O, error) {
	o, ok := c.Live[c.key(name)]
	if !ok {
		return new(T), c.notFound(name)
	}
	return o.DeepCopyObject().(O), nil
}

// Create creates an object, which the caches see when they are shown it.
func (c Client[T, O]) Create(_ context.Context, o O, opts metav1.CreateOptions) (O, error) {
	if _, ok := c.Live[c.key(o.GetName())]; ok {
		return new(T), apierrors.NewAlreadyExists(schema.GroupResource{Resource: c.resource}, o.GetName())
	}
	if err := c.shared.write("create %s %s", c.resource, o.GetName()); err != nil {
		return new(T), err
	}
	o = o.DeepCopyObject().(O)
	o.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: opts.FieldManager, Operation: metav1.ManagedFieldsOperationUpdate}})
	if made := c.Put(o); c.shared.Lose == nil || !c.shared.Lose("create "+c.resource+" "+o.GetName()) {
		return made, nil
	}
	return new(T), errors.New("the answer was lost")
}

// Patch does what a merge patch says. A JSON patch only claims fields.
func (c Client[T, O]) Patch(_ context.Context, name string, kind types.PatchType, data []byte, _ metav1.PatchOptions, sub ...string) (O, error) {
	o, ok := c.Live[c.key(name)]
	if !ok {
		return new(T), c.notFound(name)
	}
	if err := c.shared.write("patch %s %s", c.resource+suffix(sub), name); err != nil {
		return new(T), err
	}
	if kind == types.JSONPatchType {
		claimed := o.DeepCopyObject().(O)
		claimed.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: xosv1.FieldManager, Operation: metav1.ManagedFieldsOperationApply}})
		return c.Put(claimed), nil
	}
	was, err := json.Marshal(o)
	if err != nil {
		return new(T), err
	}
	is, err := jsonpatch.MergePatch(was, data)
	if err != nil {
		return new(T), err
	}
	patched := O(new(T))
	if err := json.Unmarshal(is, patched); err != nil {
		return new(T), err
	}
	var named struct {
		Metadata struct{ ResourceVersion string }
	}
	if err := json.Unmarshal(data, &named); err != nil {
		return new(T), err
	}
	if v := named.Metadata.ResourceVersion; patched.GetUID() != o.GetUID() || (v != "" && v != o.GetResourceVersion()) {
		return new(T), apierrors.NewConflict(schema.GroupResource{Resource: c.resource}, name, fmt.Errorf("UID"))
	}
	if was, ok := any(o).(xosv1.Object); ok { // what can't be decoded stays so
		any(patched).(xosv1.Object).GetObjectStatus().Undecodable = was.GetObjectStatus().Undecodable
	}
	return c.Put(patched), nil
}

func suffix(sub []string) string {
	if len(sub) == 0 {
		return ""
	}
	return "/" + sub[0]
}

// Delete deletes an object, if it has the UID and version that the options name.
func (c Client[T, O]) Delete(_ context.Context, name string, opts metav1.DeleteOptions) error {
	o, ok := c.Live[c.key(name)]
	if !ok {
		return c.notFound(name)
	}
	version := opts.Preconditions.ResourceVersion
	if *opts.Preconditions.UID != o.GetUID() || (version != nil && *version != o.GetResourceVersion()) {
		return apierrors.NewConflict(schema.GroupResource{Resource: c.resource}, name, fmt.Errorf("UID"))
	}
	if err := c.shared.write("delete %s %s", c.resource, name); err != nil {
		return err
	}
	if c.shared.Swallow == nil || !c.shared.Swallow("delete "+c.resource+" "+name) {
		c.Remove(c.key(name))
	}
	return nil
}

// ConfigMaps is the client of the harness's children.
type ConfigMaps struct {
	Client[corev1.ConfigMap, *corev1.ConfigMap]
}

// Apply lays metadata over what is there and replaces the data.
func (c ConfigMaps) Apply(_ context.Context, want *corev1ac.ConfigMapApplyConfiguration, opts metav1.ApplyOptions) (*corev1.ConfigMap, error) {
	o, ok := c.Live[c.key(*want.Name)]
	if !ok {
		return nil, c.notFound(*want.Name)
	}
	if len(opts.DryRun) > 0 {
		return o.DeepCopy(), nil // as no client has client-side records here
	}
	if err := c.shared.write("apply %s %s", c.resource, *want.Name); err != nil {
		return nil, err
	}
	applied := o.DeepCopy()
	if applied.Annotations == nil {
		applied.Annotations = map[string]string{}
	}
	if applied.Labels == nil {
		applied.Labels = map[string]string{}
	}
	maps.Copy(applied.Annotations, want.Annotations)
	maps.Copy(applied.Labels, want.Labels)
	applied.Data = want.Data
	if references := want.OwnerReferences; references != nil {
		data, err := json.Marshal(references)
		if err != nil {
			return nil, err
		}
		applied.OwnerReferences = nil
		if err := json.Unmarshal(data, &applied.OwnerReferences); err != nil {
			return nil, err
		}
	}
	return c.Put(applied), nil
}
