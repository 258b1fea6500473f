package store

import (
	"context"
	"errors"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/tools/cache"
)

// ErrNotRead is the error of a plan that refers to an object which is just being
// read for the first time. The pass ends without a word; the object's arrival,
// or the knowledge that there is none, makes the next one.
var ErrNotRead = errors.New("not read yet")

// MaxSingleObjects is how many objects of one namespace are watched singly.
const MaxSingleObjects = 128

// ErrTooManySingleObjects is the error of an object that is not read, since as many others of
// its namespace are. The end of another's last reference has it read, which is reported as a
// change.
var ErrTooManySingleObjects = errors.New("too many objects of the namespace are read singly")

// SingleObjects watches single objects of a kind whose cache as a whole would be too
// much to hold or to be allowed to read: those that some custom resource names.
// A watch begins with the first reference to an object and ends with the last.
type SingleObjects[O Object] struct {
	// informer makes an informer limited by the options.
	informer func(namespace string, tweak func(*metav1.ListOptions)) cache.SharedIndexInformer

	informers *InformerSet[cache.ObjectName, *source]

	mu sync.Mutex
	// following are the names that each referrer has.
	following map[cache.ObjectName][]cache.ObjectName
	// waiting holds, for each namespace, who refers to objects that are not read since as
	// many others are.
	waiting map[string]map[cache.ObjectName]map[cache.ObjectName]bool
	changed func(value string)
	// record, where not nil, is called with each read; see Record.
	record func(Read)
}

// source is one watched object.
type source struct {
	informer cache.SharedIndexInformer
	stop     context.CancelFunc
}

// Stop implements Stoppable.
func (s *source) Stop() { s.stop() }

// Spent implements Stoppable: the reflector tries again by itself.
func (s *source) Spent() bool { return false }

// NewSingleObjects makes an empty set of watched objects. informer is the generated
// function for a filtered informer of one namespace.
func NewSingleObjects[O Object](informer func(namespace string, tweak func(*metav1.ListOptions)) cache.SharedIndexInformer) *SingleObjects[O] {
	return &SingleObjects[O]{
		informer: informer,
		informers: NewInformerSet[cache.ObjectName, *source](MaxSingleObjects,
			func(_, name cache.ObjectName) string { return name.Namespace }),
		following: map[cache.ObjectName][]cache.ObjectName{},
		waiting:   map[string]map[cache.ObjectName]map[cache.ObjectName]bool{}, changed: func(string) {},
	}
}

// Get returns an object that a custom resource refers to. It fails with ErrNotRead until
// the first read is done, and with ErrTooManySingleObjects where it is not read.
func (s *SingleObjects[O]) Get(name cache.ObjectName) (o O, found bool, err error) {
	if s.record != nil {
		s.record(Read{From: s.String(), Value: name.String()})
	}
	entry, ok := s.informers.Get(name)
	s.mu.Lock()
	tooMany := !ok && s.waiting[name.Namespace][name] != nil
	s.mu.Unlock()
	if tooMany {
		return o, false, ErrTooManySingleObjects
	}
	if !ok || !entry.informer.HasSynced() {
		return o, false, ErrNotRead
	}
	cached, found, err := entry.informer.GetStore().GetByKey(name.String())
	if err != nil || !found {
		return o, false, err
	}
	return cached.(O), true, nil
}

// OnChange has a function called with the key of each object that changed. It must be called
// before the first subscription.
func (s *SingleObjects[O]) OnChange(changed func(value string)) { s.changed = changed }

// Subscribe makes the watches be those that a referrer's names ask for.
func (s *SingleObjects[O]) Subscribe(referrer cache.ObjectName, values []string) {
	var names []cache.ObjectName
	for _, value := range values {
		if name, err := cache.ParseObjectName(value); err == nil && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range s.following[referrer] {
		if !slices.Contains(names, name) {
			s.leave(referrer, name)
		}
	}
	for _, name := range names {
		s.join(referrer, name)
	}
	if s.following[referrer] = names; len(names) == 0 {
		delete(s.following, referrer)
	}
}

func (s *SingleObjects[O]) join(referrer, name cache.ObjectName) {
	_, err := s.informers.Subscribe(referrer, name, func(*source) (*source, error) { return s.begin(name), nil })
	if !errors.Is(err, ErrTooManyInformers) {
		return
	}
	if s.waiting[name.Namespace] == nil {
		s.waiting[name.Namespace] = map[cache.ObjectName]map[cache.ObjectName]bool{}
	}
	if s.waiting[name.Namespace][name] == nil {
		s.waiting[name.Namespace][name] = map[cache.ObjectName]bool{}
	}
	s.waiting[name.Namespace][name][referrer] = true
}

func (s *SingleObjects[O]) leave(referrer, name cache.ObjectName) {
	if s.waiting[name.Namespace][name][referrer] {
		delete(s.waiting[name.Namespace][name], referrer)
		s.forgetUnless(name)
		return
	}
	if !s.informers.Unsubscribe(referrer, name) {
		return
	}
	for next, referrers := range s.waiting[name.Namespace] { // one of them has the place
		delete(s.waiting[name.Namespace], next)
		for referrer := range referrers {
			s.join(referrer, next)
		}
		s.forgetUnless(next)
		return
	}
}

// forgetUnless drops an object, and its namespace, unless a custom resource waits for them.
func (s *SingleObjects[O]) forgetUnless(name cache.ObjectName) {
	if len(s.waiting[name.Namespace][name]) == 0 {
		delete(s.waiting[name.Namespace], name)
	}
	if len(s.waiting[name.Namespace]) == 0 {
		delete(s.waiting, name.Namespace)
	}
}

// begin watches an object.
func (s *SingleObjects[O]) begin(name cache.ObjectName) *source {
	ctx, stop := context.WithCancel(context.Background())
	entry := &source{stop: stop}
	entry.informer = s.informer(name.Namespace, func(o *metav1.ListOptions) {
		o.FieldSelector = fields.OneTermEqualSelector(metav1.ObjectNameField, name.Name).String()
	})
	notify := func(any) { s.changed(name.String()) }
	_, err := entry.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: notify, UpdateFunc: func(_, o any) { notify(o) }, DeleteFunc: notify,
	})
	if err != nil {
		panic(err) // only of an informer that has been stopped
	}
	go entry.informer.RunWithContext(ctx)
	go func() {
		// The absence of the object is reported too.
		if cache.WaitForCacheSync(ctx.Done(), entry.informer.HasSynced) {
			notify(nil)
		}
	}()
	return entry
}

// Stop ends all watches.
func (s *SingleObjects[O]) Stop() { s.informers.Stop() }
