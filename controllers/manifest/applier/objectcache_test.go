package applier

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	testingclock "k8s.io/utils/clock/testing"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

var hall = manifest.ID{Group: "example.org", Kind: "Lamp", Namespace: "shop", Name: "hall"}

func lamp(uid types.UID, version string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "example.org/v1", "kind": "Lamp"}}
	o.SetName(hall.Name)
	o.SetNamespace(hall.Namespace)
	o.SetUID(uid)
	o.SetResourceVersion(version)
	return o
}

func TestWhatWasSeenIsKnownInThatVersionAlone(t *testing.T) {
	m := newObjectCache()
	_, seen := m.last(hall)
	require.False(t, seen)
	s := m.observe(hall, lamp("u", "7"))
	assert.Equal(t, xosv1.HealthCurrent, s.health)
	last, seen := m.last(hall)
	require.True(t, seen)
	assert.Equal(t, s, last)
	for name, test := range map[string]struct {
		uid     types.UID
		version string
		want    bool
	}{
		"the same":        {"u", "7", true},
		"another version": {"u", "8", false},
		"a namesake":      {"v", "7", false},
	} {
		assert.Equal(t, test.want, m.isKnown(metadataOf(lamp(test.uid, test.version))), name)
	}
}

func TestAnEventThatComesBeforeTheAnswerIsHeldBack(t *testing.T) {
	for name, test := range map[string]struct {
		shown   []string
		written string
		missed  bool
	}{
		"the write itself":            {[]string{"7"}, "7", false},
		"nothing yet":                 {nil, "7", false},
		"another write, and this one": {[]string{"6", "7"}, "7", true},
		"a write that failed":         {[]string{"7"}, "", true},
	} {
		m := newObjectCache()
		m.beginWrite(hall)
		for _, version := range test.shown {
			assert.True(t, m.isKnown(metadataOf(lamp("u", version))), name)
		}
		assert.Equal(t, test.missed, m.endWrite(hall, test.written), name)
		assert.False(t, m.isKnown(metadataOf(lamp("u", "8"))), name+": nothing is held back after its end")
	}
}

func TestWhatWasDeletedIsRememberedUntilItIsForgotten(t *testing.T) {
	m := newObjectCache()
	m.observe(hall, lamp("u", "7"))
	assert.False(t, m.deleted("u"))
	m.deleting("u")
	assert.True(t, m.deleted("u"))
	assert.False(t, m.deleted("v"), "a namesake is another object")
	m.forget(hall, "u")
	assert.False(t, m.deleted("u"))
	_, seen := m.last(hall)
	assert.False(t, seen)
}

func TestASightingIsAheadOfAWatchUntilTheWatchHasComeToIt(t *testing.T) {
	informer := cache.NewSharedIndexInformer(&cache.ListWatch{}, &metav1.PartialObjectMetadata{}, 0, cache.Indexers{})
	require.NoError(t, informer.GetStore().Replace([]any{metadataOf(lamp("u", "99"))}, "100"))
	w := &watch{informer: informer}
	for version, want := range map[string]bool{"9": false, "99": false, "100": false, "101": true, "1000": true, "not comparable": true} {
		assert.Equal(t, want, newObjectCache().observe(hall, lamp("u", version)).ahead(w), version)
	}
}

func TestAnEarlierAnswerDoesNotReplaceALaterOne(t *testing.T) {
	m := newObjectCache()
	m.observe(hall, lamp("u", "10"))
	read := m.observe(hall, lamp("u", "9")) // a read that was under way when the write was answered
	assert.Equal(t, "9", read.metadata.ResourceVersion, "who reads gets what he read")
	last, _ := m.last(hall)
	assert.Equal(t, "10", last.metadata.ResourceVersion)
	m.observe(hall, lamp("u", "11"))
	last, _ = m.last(hall)
	assert.Equal(t, "11", last.metadata.ResourceVersion)
}

func TestADeletionThatDoesNotShowIsBelievedInForAWhileOnly(t *testing.T) {
	m, at := newObjectCache(), testingclock.NewFakePassiveClock(time.Unix(1e9, 0))
	m.now = at.Now
	m.deleting("u")
	at.SetTime(at.Now().Add(store.AcceptedDeletionTTL - time.Second))
	assert.True(t, m.deleted("u"))
	at.SetTime(at.Now().Add(time.Second))
	assert.False(t, m.deleted("u"), "it is sent again")
}

func TestLooksAtWhatCantBeWatchedBecomeSeldom(t *testing.T) {
	m := newObjectCache()
	var pauses []time.Duration
	for range 7 {
		pauses = append(pauses, m.pause(false)/time.Second)
	}
	assert.Equal(t, []time.Duration{3, 6, 12, 24, 48, 60, 60}, pauses)
	assert.Equal(t, kinds.FirstPoll, m.pause(true), "until something comes of one")
}
