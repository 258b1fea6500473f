package applier

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

var (
	one, two  = cache.NewObjectName("shop", "one"), cache.NewObjectName("shop", "two")
	configs   = scope{identity{namespace: "shop", account: "worker"}, corev1.SchemeGroupVersion.WithResource("configmaps"), "shop"}
	secrets   = scope{identity{namespace: "shop", account: "worker"}, corev1.SchemeGroupVersion.WithResource("secrets"), "shop"}
	forbidden = apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "", nil)
	unserved  = apierrors.NewNotFound(schema.GroupResource{Resource: "configmaps"}, "")
)

// told are the resource instances that are to be looked at, and why.
type told struct {
	mu    sync.Mutex
	lines []string
}

func (t *told) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
}

func (t *told) sorted() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(slices.Values(t.lines))
}

// watching makes watches on a server that refuses everything with an error, or,
// where there is none, shows an empty list for ever.
func watching(t *testing.T, refusal *apierrors.StatusError) (*watches, *told) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		query := r.URL.Query()
		var answer any = &metav1.PartialObjectMetadataList{
			TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadataList"},
			ListMeta: metav1.ListMeta{ResourceVersion: "1"},
		}
		refused := refusal
		if query.Get("sendInitialEvents") != "" && refusal == nil {
			refused = apierrors.NewBadRequest("no lists by watch here")
		}
		switch {
		case refused != nil:
			status := refused.Status()
			status.APIVersion, status.Kind = "v1", "Status"
			w.WriteHeader(int(status.Code))
			answer = status
		case query.Get("watch") != "":
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		assert.NoError(t, json.NewEncoder(w).Encode(answer))
	}))
	said := &told{}
	ws := newWatches(&rest.Config{Host: server.URL},
		func(owner ownership.Owner, _ *metav1.PartialObjectMetadata, gone bool) {
			what := "changed"
			if gone {
				what = "gone"
			}
			said.add(owner.Name.Name + " " + what)
		},
		func(follower cache.ObjectName) { said.add(follower.Name + " turned") })
	t.Cleanup(func() {
		ws.Stop()
		server.CloseClientConnections()
		server.Close()
	})
	return ws, said
}

// soon is when a test stops waiting for a first list.
func soon() time.Time { return time.Now().Add(10 * time.Second) }

func used(t *testing.T, ws *watches, follower cache.ObjectName, s scope) *watch {
	t.Helper()
	w, err := ws.use(follower, s)
	require.NoError(t, err)
	return w
}

// active is the watch of a scope; nil where there is none.
func active(ws *watches, s scope) *watch {
	w, _ := ws.Get(s)
	return w
}

func TestAWatchIsSharedAndEndsWithItsLastFollower(t *testing.T) {
	ws, _ := watching(t, nil)
	shared := used(t, ws, one, configs)
	require.NoError(t, shared.await(t.Context(), soon()))
	assert.Same(t, shared, used(t, ws, two, configs))
	used(t, ws, two, secrets)

	ws.Keep(one, nil)
	assert.Same(t, shared, active(ws, configs), "two needs it")
	ws.Keep(two, map[scope]bool{secrets: true})
	assert.Nil(t, active(ws, configs))
	assert.NotNil(t, active(ws, secrets))
	ws.Keep(two, nil)
	assert.Nil(t, active(ws, configs))
	assert.Nil(t, active(ws, secrets))
	assert.NotSame(t, shared, used(t, ws, one, configs))
}

func TestAWatchThatIsOfNoUseSaysWhyAndIsTriedAnewLater(t *testing.T) {
	for name, test := range map[string]struct {
		refusal *apierrors.StatusError
		want    error
		after   time.Duration
	}{
		"refused":    {forbidden, errRefused, pollRefused},
		"not served": {unserved, errNotServed, kinds.FirstPoll},
	} {
		t.Run(name, func(t *testing.T) {
			ws, said := watching(t, test.refusal)
			first := used(t, ws, one, configs)
			used(t, ws, two, configs)
			require.ErrorIs(t, first.await(t.Context(), soon()), test.want)
			assert.Empty(t, said.sorted(), "who waits for the first list learns it from there")
			assert.Same(t, first, used(t, ws, one, configs), "not again at once")

			first.mu.Lock()
			first.since = first.since.Add(-test.after)
			first.mu.Unlock()
			again := used(t, ws, one, configs)
			assert.NotSame(t, first, again)
			assert.ElementsMatch(t, []cache.ObjectName{one, two}, ws.Subscribers(configs))
		})
	}
}

func TestFollowersOfAWatchThatIsLostAreTold(t *testing.T) {
	for name, trouble := range map[string]error{"refused": forbidden, "not served": unserved} {
		t.Run(name, func(t *testing.T) {
			ws, said := watching(t, nil)
			w := used(t, ws, one, configs)
			used(t, ws, two, configs)
			require.NoError(t, w.await(t.Context(), soon()))
			w.failed(apierrors.NewInternalError(assert.AnError))
			assert.Empty(t, said.sorted(), "that passes")
			w.failed(trouble)
			w.failed(trouble)
			assert.Equal(t, []string{"one turned", "two turned"}, said.sorted(), "once")
			require.Error(t, w.await(t.Context(), soon()), "from now on they have to look for themselves")
		})
	}
}

func TestOnlyFollowersAreToldOfAChange(t *testing.T) {
	ws, said := watching(t, nil)
	used(t, ws, one, configs)
	marked := func(owner cache.ObjectName) *metav1.PartialObjectMetadata {
		mark := ownership.TrackingID{Owner: ownership.Owner{Kind: Kind, Name: owner, UID: "u"}, Kind: schema.GroupKind{Kind: "ConfigMap"}, Name: cache.NewObjectName("", "")}.String()
		return &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{xosv1.OwnerAnnotation: mark}}}
	}
	ws.seen(configs, marked(one), false)
	ws.seen(configs, marked(two), false)
	ws.seen(secrets, marked(one), false)
	ws.seen(configs, &metav1.PartialObjectMetadata{}, true)
	ws.seen(configs, marked(one), true)
	assert.Equal(t, []string{"one changed", "one gone"}, said.sorted())
}

func TestAMarkThatMovesIsTheEndForTheOneAndAChangeForTheOther(t *testing.T) {
	var seen []string
	update := handlers(func(o *metav1.PartialObjectMetadata, gone bool) {
		if gone {
			seen = append(seen, "gone from "+o.Annotations[xosv1.OwnerAnnotation])
			return
		}
		seen = append(seen, "seen with "+o.Annotations[xosv1.OwnerAnnotation])
	}).OnUpdate
	with := func(uid, mark string) *metav1.PartialObjectMetadata {
		o := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{xosv1.OwnerAnnotation: mark}}}
		o.SetUID(types.UID(uid))
		return o
	}
	update(with("1", "a"), with("1", "a"))
	update(with("1", "a"), with("1", "b"))
	update(with("1", "b"), with("2", "b"))
	assert.Equal(t, []string{"seen with a", "gone from a", "seen with b", "gone from b", "seen with b"}, seen)
}

func TestNoWatchBeginsAfterTheEnd(t *testing.T) {
	ws, _ := watching(t, nil)
	running := used(t, ws, one, configs)
	ws.Stop()
	assert.Same(t, running, used(t, ws, one, configs))
	_, err := ws.use(one, secrets)
	require.ErrorIs(t, err, store.ErrStopped)
}

func TestAListThatFailsMakesNobodyWait(t *testing.T) {
	ws, said := watching(t, apierrors.NewInternalError(assert.AnError))
	w := used(t, ws, one, configs)
	require.ErrorContains(t, w.await(t.Context(), soon()), "list its kind", "the first learns it at once")
	for range 100 {
		require.Error(t, used(t, ws, two, configs).await(t.Context(), soon()))
	}
	assert.Same(t, w, used(t, ws, two, configs), "it tries again by itself")
	w.settle(nil)
	require.NoError(t, w.await(t.Context(), soon()))
	assert.Equal(t, []string{"one turned", "two turned"}, said.sorted(), "who could not use it is told when it can be used")
}

func TestAListThatTakesLongMakesOnePassWait(t *testing.T) {
	released := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-released }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(released) })
	ws := newWatches(&rest.Config{Host: server.URL}, func(ownership.Owner, *metav1.PartialObjectMetadata, bool) {}, func(cache.ObjectName) {})
	t.Cleanup(ws.Stop)
	w := used(t, ws, one, configs)
	require.ErrorIs(t, w.await(t.Context(), time.Now().Add(10*time.Millisecond)), errUnfilled)
	begun := time.Now()
	require.ErrorIs(t, w.await(t.Context(), soon()), errUnfilled)
	assert.Less(t, time.Since(begun), time.Second, "the next does not wait")
}

func TestANamespaceHasSoManyWatchesAndNoMore(t *testing.T) {
	ws, _ := watching(t, nil)
	numbered := func(i int) scope {
		return scope{configs.identity, schema.GroupVersionResource{Version: "v1", Resource: fmt.Sprint("r", i)}, "shop"}
	}
	for i := range maxScopes {
		used(t, ws, one, numbered(i))
	}
	used(t, ws, two, numbered(0))
	_, err := ws.use(two, numbered(maxScopes))
	require.ErrorIs(t, err, store.ErrTooManyInformers, "those of all instances of the namespace count")
	used(t, ws, cache.NewObjectName("other", "one"), numbered(maxScopes))
	ws.Keep(one, map[scope]bool{numbered(0): true})
	used(t, ws, two, numbered(maxScopes))
	ws.Keep(one, nil)
	ws.Keep(two, nil)
	for i := range maxScopes {
		used(t, ws, one, numbered(i)) // all of the namespace's room is free again
	}
}
