package pull_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

func TestWhatHappenedWithoutAManagerIsPublishedAfterwards(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	before := w.start(pull.Options{Log: b.log()})
	ended, stayed := w.pod("ended", image), w.pod("stayed", image)
	w.instance("ended", b.told)
	w.instance("stayed", b.told)
	before.Stop()
	w.deletePod("ended")
	w.podGone("ended")
	born := w.pod("born", image)
	w.start(pull.Options{Log: b.log()})
	w.instanceGone("ended")
	w.instance("born", b.told)
	b.statuses(ended.UID, "created", "deleted")
	b.statuses(stayed.UID, "created")
	b.statuses(born.UID, "created")
}

func TestWithoutABrokerNothingIsHeld(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	before := w.start(pull.Options{Log: b.log()})
	w.pod("web", image)
	w.instance("web", b.told)
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

func TestAFullListFindsWhatTheWatchMissed(t *testing.T) {
	w := newEnv(t)
	gate := transport.NewGate()
	repaired := make(chan int, 100)
	m := w.start(pull.Options{OnFullList: func(_ time.Time, repairs int, _ error) { repaired <- repairs }}, func(r transport.Request) transport.Fault {
		if r.Verb == "watch" && r.Resource == "pods" {
			return gate
		}
		return nil
	})
	w.pod("known", image)
	w.instance("known", running)
	gate.Close()
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
