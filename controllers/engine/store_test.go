package engine

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
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// stubInformer is a cache that a test fills by hand. Its handlers are called at
// once and in order.
type stubInformer struct {
	cache.SharedIndexInformer
	indexer  cache.Indexer
	handlers []cache.ResourceEventHandler
}

func newStub() *stubInformer {
	return &stubInformer{indexer: cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})}
}

func (s *stubInformer) GetIndexer() cache.Indexer              { return s.indexer }
func (s *stubInformer) AddIndexers(added cache.Indexers) error { return s.indexer.AddIndexers(added) }
func (s *stubInformer) HasSynced() bool                        { return true }
func (s *stubInformer) SetWatchErrorHandlerWithContext(cache.WatchErrorHandlerWithContext) error {
	return nil
}
func (s *stubInformer) AddEventHandler(h cache.ResourceEventHandler) (cache.ResourceEventHandlerRegistration, error) {
	s.handlers = append(s.handlers, h)
	return nil, nil
}

// show makes the cache hold a version of an object, or none, as a watch would.
func (s *stubInformer) show(o metav1.Object, gone bool) {
	before, known, _ := s.indexer.Get(o)
	switch {
	case gone:
		_ = s.indexer.Delete(o)
	case known:
		_ = s.indexer.Update(o)
	default:
		_ = s.indexer.Add(o)
	}
	s.indexer.Bookmark(o.GetResourceVersion())
	for _, h := range s.handlers {
		switch {
		case gone:
			h.OnDelete(o)
		case known:
			h.OnUpdate(before, o)
		default:
			h.OnAdd(o, false)
		}
	}
}

// pointer is an object type of which a test can make an empty one.
type pointer[T any] interface {
	*T
	Object
}

// store is an API server of one kind in memory. Its caches see a write only when
// they are told to.
type store[T any, O pointer[T]] struct {
	resource string
	objects  map[string]O
	// unseen are the events that the caches have not been shown.
	unseen []event[O]
	caches []*stubInformer
	shared *server
}

type event[O any] struct {
	object O
	gone   bool
}

// server is what the kinds have in common: the count of versions and the log.
type server struct {
	version int
	// writes are all that were sent, as "create shop/settings".
	writes []string
	// answer, where not nil, may refuse a request; the request is then not done.
	answer func(write string) error
	// lose, where not nil, loses the answer to a request that is done, and swallow
	// answers one that is not.
	lose, swallow func(write string) bool
}

func (s *server) write(format string, args ...any) error {
	w := fmt.Sprintf(format, args...)
	if s.answer != nil {
		if err := s.answer(w); err != nil {
			return err
		}
	}
	s.writes = append(s.writes, w)
	return nil
}

func newStore[T any, O pointer[T]](shared *server, resource string) *store[T, O] {
	return &store[T, O]{resource: resource, objects: map[string]O{}, shared: shared}
}

// put is a write of somebody else's, or the effect of one of ours.
func (s *store[T, O]) put(o O) O {
	o = o.DeepCopyObject().(O)
	s.shared.version++
	o.SetResourceVersion(strconv.Itoa(s.shared.version))
	key := cache.MetaObjectToName(o).String()
	if o.GetUID() == "" {
		o.SetUID(types.UID("uid-" + strconv.Itoa(s.shared.version)))
	}
	gone := o.GetDeletionTimestamp() != nil && len(o.GetFinalizers()) == 0
	if s.objects[key] = o; gone {
		delete(s.objects, key)
	}
	s.unseen = append(s.unseen, event[O]{o, gone})
	return o.DeepCopyObject().(O)
}

// end deletes an object, once its finalizers have gone.
func (s *store[T, O]) end(key string) {
	o := s.objects[key].DeepCopyObject().(O)
	o.SetDeletionTimestamp(&metav1.Time{Time: noon})
	s.put(o)
}

// show brings the caches up to date; false where they were.
func (s *store[T, O]) show() bool {
	unseen := s.unseen
	s.unseen = nil
	for _, e := range unseen {
		for _, c := range s.caches {
			c.show(e.object.DeepCopyObject().(O), e.gone)
		}
	}
	return len(unseen) > 0
}

// informer is a new cache, with all that there is in it.
func (s *store[T, O]) informer() *stubInformer {
	stub := newStub()
	s.caches, s.unseen = []*stubInformer{stub}, nil
	return stub
}

// fill is the first list of a new cache.
func (s *store[T, O]) fill() {
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		for _, c := range s.caches {
			c.show(s.objects[key].DeepCopyObject().(O), false)
		}
	}
}

func (s *store[T, O]) notFound(name string) error {
	return apierrors.NewNotFound(schema.GroupResource{Resource: s.resource}, name)
}

// client writes to one namespace of the store.
type client[T any, O pointer[T]] struct {
	*store[T, O]
	namespace string
}

func (s *store[T, O]) client(namespace string) client[T, O] { return client[T, O]{s, namespace} }

func (c client[T, O]) key(name string) string { return cache.NewObjectName(c.namespace, name).String() }

func (c client[T, O]) Get(_ context.Context, name string, _ metav1.GetOptions) (O, error) {
	o, ok := c.objects[c.key(name)]
	if !ok {
		return new(T), c.notFound(name)
	}
	return o.DeepCopyObject().(O), nil
}

func (c client[T, O]) Create(_ context.Context, o O, opts metav1.CreateOptions) (O, error) {
	if _, ok := c.objects[c.key(o.GetName())]; ok {
		return new(T), apierrors.NewAlreadyExists(schema.GroupResource{Resource: c.resource}, o.GetName())
	}
	if err := c.shared.write("create %s %s", c.resource, o.GetName()); err != nil {
		return new(T), err
	}
	o = o.DeepCopyObject().(O)
	o.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: opts.FieldManager, Operation: metav1.ManagedFieldsOperationUpdate}})
	if made := c.put(o); c.shared.lose == nil || !c.shared.lose("create "+c.resource+" "+o.GetName()) {
		return made, nil
	}
	return new(T), errors.New("the answer was lost")
}

// Patch does what a merge patch says. A JSON patch only claims fields.
func (c client[T, O]) Patch(_ context.Context, name string, kind types.PatchType, data []byte, _ metav1.PatchOptions, sub ...string) (O, error) {
	o, ok := c.objects[c.key(name)]
	if !ok {
		return new(T), c.notFound(name)
	}
	if err := c.shared.write("patch %s %s", c.resource+suffix(sub), name); err != nil {
		return new(T), err
	}
	if kind == types.JSONPatchType {
		claimed := o.DeepCopyObject().(O)
		claimed.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: xosv1.FieldManager, Operation: metav1.ManagedFieldsOperationApply}})
		return c.put(claimed), nil
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
	return c.put(patched), nil
}

func suffix(sub []string) string {
	if len(sub) == 0 {
		return ""
	}
	return "/" + sub[0]
}

func (c client[T, O]) Delete(_ context.Context, name string, opts metav1.DeleteOptions) error {
	o, ok := c.objects[c.key(name)]
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
	if c.shared.swallow == nil || !c.shared.swallow("delete "+c.resource+" "+name) {
		c.end(c.key(name))
	}
	return nil
}

// configMaps is the client of the toy's children.
type configMaps struct {
	client[corev1.ConfigMap, *corev1.ConfigMap]
}

// Apply lays metadata over what is there and replaces the data.
func (c configMaps) Apply(_ context.Context, want *corev1ac.ConfigMapApplyConfiguration, opts metav1.ApplyOptions) (*corev1.ConfigMap, error) {
	o, ok := c.objects[c.key(*want.Name)]
	if !ok {
		return nil, c.notFound(*want.Name)
	}
	if len(opts.DryRun) > 0 {
		return o.DeepCopy(), nil // as nobody has client-side records here
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
	return c.put(applied), nil
}
