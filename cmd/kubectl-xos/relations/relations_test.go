package relations

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/health"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot/snapshottest"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

func shop(t *testing.T, namespace string) *Graph {
	t.Helper()
	return Build(snapshottest.Read(t, "testdata/shop.yaml"), namespace)
}

func TestForms(t *testing.T) {
	g := shop(t, "acme")
	for file, text := range map[string]string{
		"testdata/shop.golden.dot": g.DOT(), "testdata/shop.golden.mmd": g.Mermaid(), "testdata/shop.golden.svg": g.SVG(),
	} {
		golden.Compare(t, file, []byte(text))
		for _, r := range text {
			if r != '\n' && r < 0x20 || r == 0x202e {
				t.Errorf("%s holds %U", file, r)
			}
		}
	}
}

// TestADrawingIsXML reads it as browsers do, and looks for the texts that it is to show.
func TestADrawingIsXML(t *testing.T) {
	decoder := xml.NewDecoder(strings.NewReader(shop(t, "acme").SVG()))
	var texts strings.Builder
	elements := map[string]int{}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			elements[token.Name.Local]++
		case xml.CharData:
			texts.Write(token)
		}
	}
	assert.Contains(t, texts.String(), `Slice acme/web: Progressing: container web: <b>"&'\x1b[31m\u202e`)
	assert.Zero(t, elements["b"])
	assert.Equal(t, len(shop(t, "acme").Nodes)+1, elements["rect"], "a box for each object, and the background")
}

func names(g *Graph) (names []string) {
	for _, n := range g.Nodes {
		names = append(names, n.Ref.String())
	}
	return names
}

func TestANamespaceHasWhatLeadsThere(t *testing.T) {
	all, acme := names(shop(t, "")), names(shop(t, "acme"))
	assert.Contains(t, all, "Image unused")
	assert.Contains(t, all, "Slice other/elsewhere")
	assert.NotContains(t, acme, "Image unused")
	assert.NotContains(t, acme, "Slice other/elsewhere")
	assert.Subset(t, acme, []string{"KubernetesService kubernetes", "Image nginx", "TrustDomain acme", "Site princeton"})
}

func TestAPartHasWhatBelongsToIt(t *testing.T) {
	g := shop(t, "")
	part, unmatched := g.Select([]snapshot.Selector{{Kind: "KubernetesConfigMap", Name: "page"}, {Name: "nowhere"}})
	assert.Equal(t, []snapshot.Selector{{Name: "nowhere"}}, unmatched)
	assert.Subset(t, names(part), []string{
		"KubernetesConfigMap acme/page", "ConfigMap acme/page", "KubernetesConfigVolumeMount acme/page", "Slice acme/web",
		"Deployment acme/web", "KubernetesServiceInstance acme/web-0", "Pod acme/web-0", "Service acme/shop", "Principal acme/web",
	})
	for _, other := range []string{"ServicePort acme/http", "KubernetesResourceInstance acme/extras", "ServiceAccount acme/web", "Image unused"} {
		assert.NotContains(t, names(part), other)
	}
	whole, unmatched := g.Select(nil)
	assert.Same(t, g, whole)
	assert.Empty(t, unmatched)
}

func TestWhatWasNotReadIsNotMissing(t *testing.T) {
	s := snapshottest.Read(t, "testdata/shop.yaml")
	s.Unread = []snapshot.Unread{{Resource: "images.xos.opencord.org", Why: snapshot.Forbidden}}
	for _, n := range Build(s, "").Nodes {
		switch n.Ref.String() {
		case "Image gone":
			assert.Equal(t, health.Unknown, n.Level)
		case "KubernetesSecret acme/keys":
			assert.Equal(t, health.Missing, n.Level)
		}
	}
}

func TestPathsOfNativeObjects(t *testing.T) {
	for handle, want := range map[string]snapshot.Ref{
		"/api/v1/namespaces/acme/pods/web-0":              {Kind: "Pod", Namespace: "acme", Name: "web-0"},
		"/apis/apps/v1/namespaces/acme/deployments/web":   {Kind: "Deployment", Namespace: "acme", Name: "web"},
		"/api/v1/namespaces/acme":                         {Kind: "Namespace", Name: "acme"},
		"/apis/example.org/v1/namespaces/acme/rollouts/r": {Kind: "rollouts", Namespace: "acme", Name: "r"},
		"": {}, "/": {}, "/api": {}, "/apis/apps/v1": {}, "/api/v1/namespaces": {}, "elsewhere/v1/pods/x": {}, "/api/v1/a/b/c/d/e": {},
	} {
		assert.Equal(t, want, fromHandle(handle), handle)
	}
}
