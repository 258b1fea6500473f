package pull_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
)

func TestWhatHappenedWhileNobodyLookedIsToldAfterwards(t *testing.T) {
	w := newWorld(t)
	b := w.newBroker()
	before := w.start(pull.Options{Publisher: b.publisher()})
	ended, stayed := w.pod("ended", image), w.pod("stayed", image)
	w.instance("ended", told)
	w.instance("stayed", told)
	before.Stop()
	w.deletePod("ended")
	w.podGone("ended")
	born := w.pod("born", image)
	w.start(pull.Options{Publisher: b.publisher()})
	w.instanceGone("ended")
	w.instance("born", told)
	b.statuses(ended.UID, "created", "deleted")
	b.statuses(stayed.UID, "created")
	b.statuses(born.UID, "created")
}

func TestWithoutABrokerNothingIsHeld(t *testing.T) {
	w := newWorld(t)
	b := w.newBroker()
	before := w.start(pull.Options{Publisher: b.publisher()})
	w.pod("web", image)
	w.instance("web", told)
	before.Stop()
	w.start(pull.Options{})
	w.instance("web", func(i *xosv1.KubernetesServiceInstance) error {
		if len(i.Finalizers) > 0 {
			return fmt.Errorf("finalizers %v", i.Finalizers)
		}
		return nil
	})
	w.deletePod("web")
	w.instanceGone("web")
}

// gate holds back what a server sends, while it is closed.
type gate struct {
	mu   sync.Mutex
	open chan struct{}
}

func newGate() *gate {
	g := &gate{open: make(chan struct{})}
	close(g.open)
	return g
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = make(chan struct{})
}

func (g *gate) passage() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}

// watches puts the gate before the watches of a path.
func (g *gate) watches(path string, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err == nil && r.URL.Path == path && r.URL.Query().Has("watch") {
			response.Body = &gated{response.Body, g, r}
		}
		return response, err
	})
}

type gated struct {
	io.ReadCloser
	gate    *gate
	request *http.Request
}

func (g *gated) Read(p []byte) (int, error) {
	n, err := g.ReadCloser.Read(p)
	select {
	case <-g.gate.passage():
	case <-g.request.Context().Done():
	}
	return n, err
}

func TestAFullListFindsWhatTheWatchMissed(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	repaired := make(chan int, 100)
	m := w.startThrough(func(next http.RoundTripper) http.RoundTripper { return g.watches("/api/v1/pods", next) },
		pull.Options{OnFullList: func(_ time.Time, repairs int) { repaired <- repairs }})
	w.pod("known", image)
	w.instance("known", running)
	g.close()
	w.pod("missed", image)
	w.deletePod("known")
	w.podGone("known")
	spec := w.selection()
	spec.ResyncSeconds = ptr.To[int32](10)
	w.setPull(spec)
	w.instance("missed", anything)
	w.instanceGone("known")
	sum := 0
	w.eventually(func(context.Context) error {
		for len(repaired) > 0 {
			sum += <-repaired
		}
		if sum < 2 {
			return fmt.Errorf("%d repairs", sum)
		}
		return nil
	})
	assert.False(t, m.Puller().LastFullList().IsZero())
	_, err := w.kubernetes.CoreV1().Pods(w.namespace).Get(t.Context(), "missed", metav1.GetOptions{})
	require.NoError(t, err)
}
