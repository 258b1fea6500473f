package hierarchy

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot/snapshottest"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

var now = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)

func lines(roots []*Node, p show.Palette, width int) []byte {
	return []byte(strings.Join(Render(roots, now).Lines(p, width), "\n") + "\n")
}

func TestATreeShowsWhatBelongsToWhat(t *testing.T) {
	roots := Build(snapshottest.Read(t, "testdata/shop.yaml"))
	golden.Compare(t, "testdata/table.golden.txt", lines(roots, false, 0))
	golden.Compare(t, "testdata/narrow.golden.txt", lines(roots, true, 60))
	var text bytes.Buffer
	require.NoError(t, show.WriteJSON(&text, Document{Items: roots}, true))
	golden.Compare(t, "testdata/tree.golden.json", text.Bytes())
}

// withoutPods is the snapshot of a user who may not list pods, or services.
func withoutPods(t *testing.T) *snapshot.Snapshot {
	t.Helper()
	s := snapshottest.Read(t, "testdata/shop.yaml")
	kept := s.Objects[:0]
	for _, o := range s.Objects {
		if _, ok := o.(*corev1.Pod); !ok {
			kept = append(kept, o)
		}
	}
	s.Objects = kept
	s.Unread = []snapshot.Unread{{Resource: "pods", Why: snapshot.Forbidden}, {Resource: "slices.xos.opencord.org", Why: snapshot.Forbidden}}
	return s
}

func TestWithoutPodsATreeShowsWhatTheStatusSays(t *testing.T) {
	golden.Compare(t, "testdata/unread.golden.txt", lines(Build(withoutPods(t)), false, 0))
}

func TestATreeCanBeginAnywhere(t *testing.T) {
	roots := Build(snapshottest.Read(t, "testdata/shop.yaml"))
	for text, want := range map[string][]string{
		"shop": {"Service acme/shop"}, "slice/web": {"Slice acme/web"}, "xsvc/web": nil, "web-1": {"KubernetesServiceInstance acme/web-1"},
		"ksi/shell": {"KubernetesServiceInstance acme/shell"}, "web-3": nil,
	} {
		s, err := snapshot.ParseSelector(text, Kinds()...)
		require.NoError(t, err, text)
		chosen, unmatched := Select(roots, []snapshot.Selector{s})
		var names []string
		for _, n := range chosen {
			names = append(names, n.Ref.String())
		}
		assert.Equal(t, want, names, text)
		assert.Equal(t, len(want) == 0, len(unmatched) == 1, text)
	}
	for _, text := range []string{"pod/web", "site/princeton", "slice/", "/web"} {
		_, err := snapshot.ParseSelector(text, Kinds()...)
		assert.ErrorContains(t, err, "write NAME, or one of service/NAME, slice/NAME, ksi/NAME", text)
	}
}
