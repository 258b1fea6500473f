package diagnosis

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/health"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot/snapshottest"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

var now = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)

func TestWhatIsNotWellIsSaidWorstFirst(t *testing.T) {
	d := Of(snapshottest.Read(t, "testdata/mixed.yaml"))
	golden.Compare(t, "testdata/text.golden.txt", []byte(strings.Join(d.Lines(false, now), "\n")+"\n"))
	golden.Compare(t, "testdata/coloured.golden.txt", []byte(strings.Join(d.Lines(true, now), "\n")+"\n"))
	var text bytes.Buffer
	require.NoError(t, show.WriteYAML(&text, d))
	golden.Compare(t, "testdata/items.golden.yaml", text.Bytes())
}

func TestTheWholeIsSummedUp(t *testing.T) {
	well := snapshottest.Read(t, "testdata/mixed.yaml")
	well.Objects = well.Objects[:1]
	assert.Equal(t, []string{"1 object: all are well."}, Of(well).Lines(false, now))
	well.Unread = []snapshot.Unread{{Resource: "sites.xos.opencord.org", Why: snapshot.Forbidden}}
	assert.Equal(t, []string{"1 object that could be read: all are well."}, Of(well).Lines(false, now))
	assert.Equal(t, []string{"There is no object."}, Of(&snapshot.Snapshot{}).Lines(false, now))
}

func TestANamespaceHasItsTrustDomain(t *testing.T) {
	s := snapshottest.Read(t, "testdata/mixed.yaml")
	assert.Len(t, InNamespace(s, "acme").Objects, len(s.Objects)-1)
	assert.Equal(t, s, InNamespace(s, ""))
}

// TestWhereToReadOnExists compares the sections that findings point to with the documentation.
func TestWhereToReadOnExists(t *testing.T) {
	text, err := os.ReadFile("../../../docs/troubleshooting.md")
	require.NoError(t, err)
	anchors := map[string]bool{}
	for _, heading := range regexp.MustCompile("(?m)^#+ (.+)$").FindAllStringSubmatch(string(text), -1) {
		anchor := strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-")
		anchors[page+strings.NewReplacer("`", "", "'", "").Replace(anchor)] = true
	}
	healths := []health.Health{{Level: health.Terminating}, {Level: health.Unknown}, {Level: health.Progressing}, {Level: health.Failed, Reason: "Inventoried"}}
	for reason := range documented {
		healths = append(healths, health.Health{Level: health.Failed, Reason: reason})
	}
	for _, h := range healths {
		assert.True(t, anchors[see(h)], "%v: %s", h, see(h))
	}
	assert.Empty(t, see(health.Health{Level: health.Failed, Reason: "Unheard"}))
}
