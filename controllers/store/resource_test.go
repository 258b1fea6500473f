package store

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	testingclock "k8s.io/utils/clock/testing"

	"xos.opencord.org/kubernetes-service/controllers/store/storetest"
)

// byColor indexes ConfigMaps by a label.
const byColor = "color"

var x = cache.NewObjectName("shop", "x")

// version is ConfigMap x at a version of the server's.
func version(resourceVersion, color string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "x", UID: "u", ResourceVersion: resourceVersion, Labels: map[string]string{byColor: color},
	}}
}

func newResource() (*Resource[*corev1.ConfigMap], *storetest.Informer) {
	stub := storetest.NewInformer()
	r := NewResource[*corev1.ConfigMap](corev1.SchemeGroupVersion.WithKind("ConfigMap"), "configmaps", stub)
	r.AddIndex(byColor, func(c *corev1.ConfigMap) []string { return []string{c.Labels[byColor]} })
	return r, stub
}

func TestOurOwnWriteIsReadUntilTheCacheHasCaughtUp(t *testing.T) {
	for sentence, test := range map[string]struct {
		then      func(*storetest.Informer)
		color     string // "" where x is not there
		remembers bool
	}{
		"the cache knows nothing":             {func(*storetest.Informer) {}, "green", true},
		"the cache shows an earlier version":  {func(s *storetest.Informer) { s.Show(version("9", "red"), false) }, "green", true},
		"the cache shows the same version":    {func(s *storetest.Informer) { s.Show(version("10", "green"), false) }, "green", false},
		"the cache shows a later version":     {func(s *storetest.Informer) { s.Show(version("11", "blue"), false) }, "blue", false},
		"the cache saw it end":                {func(s *storetest.Informer) { s.Show(version("11", "green"), true) }, "", false},
		"the cache passed it without a trace": {func(s *storetest.Informer) { s.Indexer.Bookmark("12") }, "", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			r, stub := newResource()
			r.ObserveWrite(ReconcilerWriter, version("10", "green"))
			test.then(stub)
			got, ok := r.Get(x)
			assert.Equal(t, test.color != "", ok)
			for _, color := range []string{"red", "green", "blue"} {
				found := r.ByIndex(byColor, color)
				if color == test.color {
					assert.Equal(t, []*corev1.ConfigMap{got}, found)
				} else {
					assert.Empty(t, found, color)
				}
			}
			assert.Equal(t, test.remembers, len(r.written) == 1)
		})
	}
}

func TestAnAnswerThatTheCacheIsAheadOfIsNotKept(t *testing.T) {
	r, stub := newResource()
	stub.Show(version("11", "blue"), false)
	r.ObserveWrite(ReconcilerWriter, version("10", "green"))
	got, _ := r.Get(x)
	assert.Equal(t, "11", got.ResourceVersion)
}

func TestAnEarlierAnswerReplacesNoLaterOne(t *testing.T) {
	r, _ := newResource()
	r.ObserveWrite(ReconcilerWriter, version("11", "blue"))
	r.ObserveWrite(ReconcilerWriter, version("10", "green"))
	got, _ := r.Get(x)
	assert.Equal(t, "11", got.ResourceVersion)
	assert.Len(t, r.ByIndex(byColor, "blue"), 1)
	assert.Empty(t, r.ByIndex(byColor, "green"))
}

// TestAReadSeesOurOwnWriteWhateverTheCacheDoesMeanwhile lets the cache catch up with
// a write at each moment of a read: what was written is found nevertheless.
func TestAReadSeesOurOwnWriteWhateverTheCacheDoesMeanwhile(t *testing.T) {
	for _, read := range map[string]func(*Resource[*corev1.ConfigMap]) bool{
		"by name": func(r *Resource[*corev1.ConfigMap]) bool { _, ok := r.Get(x); return ok },
		"by index": func(r *Resource[*corev1.ConfigMap]) bool {
			return len(r.ByIndex(byColor, "green")) == 1
		},
	} {
		for range 2000 {
			r, stub := newResource()
			r.ObserveWrite(ReconcilerWriter, version("10", "green"))
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = stub.Indexer.Add(version("10", "green"))
				stub.Indexer.Bookmark("10")
			}()
			assert.True(t, read(r))
			<-done
		}
	}
}

func TestADeletionIsBelievedForAWhile(t *testing.T) {
	clock := testingclock.NewFakeClock(storetest.Noon)
	r, stub := newResource()
	r.clock = clock
	o := version("9", "red")
	stub.Show(o, false)
	r.deleting(o)
	clock.Step(AcceptedDeletionTTL - time.Second)
	assert.True(t, r.Terminating(o))
	clock.Step(time.Second)
	assert.False(t, r.Terminating(o))
}

func TestAnIndexThatPanicsOverAnObjectKeepsTheOthers(t *testing.T) {
	stub := storetest.NewInformer()
	r := NewResource[*corev1.ConfigMap](corev1.SchemeGroupVersion.WithKind("ConfigMap"), "configmaps", stub)
	r.AddIndex(byColor, func(c *corev1.ConfigMap) []string {
		if c.Name == "bad" {
			panic("over this one")
		}
		return []string{c.Labels[byColor]}
	})
	bad := version("9", "red")
	bad.Name = "bad"
	stub.Show(bad, false)
	stub.Show(version("10", "red"), false)
	assert.Len(t, r.ByIndex(byColor, "red"), 1)
	_, ok := r.Get(cache.NewObjectName("shop", "bad"))
	assert.True(t, ok)
}

func TestAHandlerThatPanicsOverAnEventKeepsTheOthers(t *testing.T) {
	r, stub := newResource()
	var received []string
	watch := func(name string, panics bool) {
		say := func() {
			if panics {
				panic(name)
			}
			received = append(received, name)
		}
		assert.NoError(t, r.Watch(Handler[*corev1.ConfigMap]{
			Add: func(*corev1.ConfigMap, bool) { say() }, Update: func(_, _ *corev1.ConfigMap, _ bool) { say() }, Delete: func(*corev1.ConfigMap, bool) { say() },
		}))
	}
	watch("first", true)
	watch("second", false)
	stub.Show(version("9", "red"), false)
	stub.Show(version("10", "red"), false)
	stub.Show(version("11", "red"), true)
	assert.Equal(t, []string{"second", "second", "second"}, received)
}

func TestOnlyTheVeryVersionThatWeWroteIsOurOwn(t *testing.T) {
	r, _ := newResource()
	assert.Empty(t, r.writersOf(version("10", "green")), "nothing was written")
	r.ObserveWrite(ReconcilerWriter, version("10", "green"))
	assert.Empty(t, r.writersOf(version("9", "green")))
	assert.Equal(t, []Writer{ReconcilerWriter}, r.writersOf(version("10", "green")))
	assert.Empty(t, r.writersOf(version("10", "green")), "it is reported once")
}

// TestOtherWritersReceiveAWrite shows an event before and after the answer to the write
// that it shows: it is the writer's own and no other's, in whichever order they come.
func TestOtherWritersReceiveAWrite(t *testing.T) {
	for _, test := range []struct {
		name  string
		order func(event, answer func())
	}{
		{"the event first", func(event, answer func()) { event(); answer() }},
		{"the answer first", func(event, answer func()) { answer(); event() }},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, stub := newResource()
			stub.Show(version("9", "red"), false)
			own := map[Writer]bool{}
			for _, writer := range []Writer{"", ReconcilerWriter, PullWriter} {
				assert.NoError(t, r.Watch(Handler[*corev1.ConfigMap]{
					Writer: writer, Update: func(_, _ *corev1.ConfigMap, isOwn bool) { own[writer] = isOwn },
				}))
			}
			r.beginWrite(PullWriter, cache.NewObjectName("shop", "x"))
			test.order(
				func() { stub.Show(version("10", "green"), false) },
				func() {
					r.ObserveWrite(PullWriter, version("10", "green"))
					assert.False(t, r.endWrite(PullWriter, cache.NewObjectName("shop", "x"), "10"), "nothing else was held back")
				})
			assert.Equal(t, map[Writer]bool{"": false, ReconcilerWriter: false, PullWriter: true}, own)
		})
	}
}

func TestWhatWeDeletedIsOnItsWayOutUntilTheCacheSawItsEnd(t *testing.T) {
	r, stub := newResource()
	o := version("9", "red")
	stub.Show(o, false)
	assert.False(t, r.Terminating(o))
	r.deleting(o)
	assert.True(t, r.Terminating(o))
	namesake := version("12", "red")
	namesake.UID = "another"
	assert.False(t, r.Terminating(namesake))
	r.ForgetDeleted(namesake)
	assert.True(t, r.Terminating(o), "another one's end is not its own")
	r.ForgetDeleted(o)
	assert.False(t, r.Terminating(o))
}

func TestAnObjectWithADeletionTimestampIsTerminating(t *testing.T) {
	r, _ := newResource()
	o := version("9", "red")
	o.DeletionTimestamp = &metav1.Time{Time: storetest.Noon}
	assert.True(t, r.Terminating(o))
}

func TestAnIndexIsReadInTheOrderOfNames(t *testing.T) {
	r, stub := newResource()
	r.AddCounter(byColor, colors)
	for _, name := range []string{"c", "a", "b"} {
		o := version("9", "red")
		o.Name = name
		stub.Show(o, false)
	}
	own := version("10", "red")
	own.Name = "aa"
	r.ObserveWrite(ReconcilerWriter, own)
	var names []string
	for _, o := range r.ByIndex(byColor, "red") {
		names = append(names, o.Name)
	}
	assert.Equal(t, []string{"a", "aa", "b", "c"}, names)
	assert.Len(t, slices.Collect(r.All()), 3)
	assert.Equal(t, 3, r.Count(byColor, "red"), "what the watch has not shown yet is not counted")
}

func TestUnreadFieldsAreNotCached(t *testing.T) {
	o := version("9", "red")
	o.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "x"}}
	o.Annotations = map[string]string{corev1.LastAppliedConfigAnnotation: "{}", "kept": "yes"}
	Trim(o)
	assert.Empty(t, o.ManagedFields)
	assert.Equal(t, map[string]string{"kept": "yes"}, o.Annotations)
}
