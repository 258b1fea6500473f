package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot/snapshottest"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

func orchard(t *testing.T) *snapshot.Snapshot {
	t.Helper()
	return snapshottest.Read(t, "testdata/orchard.yaml")
}

// text is the files of a bundle, one after the other.
func text(b *Bundle) string {
	var all strings.Builder
	for _, f := range b.Files {
		all.WriteString("=== " + f.Name + "\n" + f.Text)
	}
	return all.String()
}

func TestABundleHasWhatBelongsToATrustDomain(t *testing.T) {
	b, err := Make(orchard(t), Options{Domains: []string{"orchard"}})
	require.NoError(t, err)
	golden.Compare(t, "testdata/orchard.golden.txt", []byte(text(b)))
	assert.NotContains(t, text(b), "open-sesame")
}

func TestSecretsAreInABundleOnRequest(t *testing.T) {
	b, err := Make(orchard(t), Options{Domains: []string{"orchard"}, Secrets: true})
	require.NoError(t, err)
	assert.Equal(t, 2, strings.Count(text(b), "open-sesame"))
	assert.Contains(t, text(b), "THE MANIFESTS HAVE VALUES OF SECRETS")
	assert.Equal(t, []string{
		"Secret registry, with which the pods of Principal team/keeper pull images, in the trust domain's namespace",
		"Secret team/vault, whose values KubernetesSecret team/keys copies (dataFrom)",
	}, b.Supply)
}

func TestABundleOfANamespaceHasWhatIsInIt(t *testing.T) {
	b, err := Make(orchard(t), Options{Domains: []string{"orchard"}, Namespaces: []string{"orchard"}})
	require.NoError(t, err)
	assert.NotContains(t, text(b), "team/")
	assert.NotContains(t, text(b), "farm", "no object of the namespace refers to it")
	assert.Contains(t, text(b), "name: blob")
}

func TestTheSameObjectsMakeTheSameBytes(t *testing.T) {
	s := orchard(t)
	one, other := written(t, s), &snapshot.Snapshot{}
	for i := range s.Objects {
		other.Objects = append(other.Objects, s.Objects[len(s.Objects)-1-i])
	}
	assert.Equal(t, one, written(t, other))

	zipped, err := gzip.NewReader(bytes.NewReader(one))
	require.NoError(t, err)
	files := tar.NewReader(zipped)
	modes := map[string]int64{}
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		assert.Zero(t, header.ModTime.Unix())
		modes[header.Name] = header.Mode
	}
	assert.Equal(t, int64(0o700), modes["xos-export/apply.sh"])
	assert.Equal(t, int64(0o600), modes["xos-export/00-trustdomain.yaml"])
}

func written(t *testing.T, s *snapshot.Snapshot) []byte {
	t.Helper()
	b, err := Make(s, Options{Domains: []string{"orchard"}})
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, b.Write(&out))
	return out.Bytes()
}

func TestWhatCantBeExportedIsNamed(t *testing.T) {
	for domain, want := range map[string]string{
		"none": `TrustDomain "none" does not exist`, "seen": "TrustDomain seen is a record of a namespace",
	} {
		_, err := Make(orchard(t), Options{Domains: []string{domain}})
		assert.ErrorContains(t, err, want)
	}
	_, err := Make(orchard(t), Options{})
	assert.ErrorIs(t, err, errNoDomain)
}

func TestAWordOfAShellIsQuoted(t *testing.T) {
	assert.Equal(t, `'a'\''$(b)'`, quote("a'$(b)"))
}

// foreign is a trust domain, and what others write about it.
const foreign = `
apiVersion: v1
kind: Namespace
metadata: {name: friend, labels: {orchard: "yes"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: evil}
---
apiVersion: xos.opencord.org/v1
kind: TrustDomain
metadata: {name: orchard}
spec: {allowedNamespaces: {from: Selector, selector: {matchLabels: {orchard: "yes"}}}}
---
apiVersion: xos.opencord.org/v1
kind: KubernetesConfigMap
metadata: {name: good, namespace: friend}
spec: {trustDomain: orchard, xosManaged: true}
---
apiVersion: xos.opencord.org/v1
kind: KubernetesConfigMap
metadata: {name: forged, namespace: evil}
spec: {trustDomain: orchard, xosManaged: true}
---
apiVersion: xos.opencord.org/v1
kind: KubernetesSecret
metadata: {name: keys, namespace: friend}
spec: {trustDomain: orchard, xosManaged: true, type: "Opaque\n\nrun \e[2J this", data: {key: b3Blbi1zZXNhbWU=}}
---
apiVersion: xos.opencord.org/v1
kind: KubernetesResourceInstance
metadata: {name: nested, namespace: friend}
spec:
  trustDomain: orchard
  xosManaged: true
  resourceDefinition: |
    apiVersion: xos.opencord.org/v1
    kind: KubernetesResourceInstance
    metadata: {name: inner}
    spec: {resourceDefinition: "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: open-sesame}}"}
`

func TestABundleIsNotOthersToFill(t *testing.T) {
	s := snapshottest.Parse(t, []byte(foreign))
	assert.True(t, NeedsNamespaces(s, Options{Domains: []string{"orchard"}}))
	assert.False(t, NeedsNamespaces(orchard(t), Options{Domains: []string{"orchard"}}))
	b, err := Make(s, Options{Domains: []string{"orchard"}})
	require.NoError(t, err)
	assert.Contains(t, text(b), "name: good")
	assert.NotContains(t, text(b), "forged", "its namespace is not admitted")
	assert.NotContains(t, text(b), "open-sesame", "a blob in a blob may have a Secret")
	assert.Contains(t, text(b), `type Opaque\x0a\x0arun \x1b[2J this`)
	assert.NotContains(t, text(b), "\x1b")
}
