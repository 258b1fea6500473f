// Package snapshottest makes snapshots out of YAML files, for the tests of what is shown of them.
package snapshottest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	native "k8s.io/client-go/kubernetes/scheme"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
)

// Read returns the objects of a file's documents.
func Read(t *testing.T, file string) *snapshot.Snapshot {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return Parse(t, text)
}

// Parse returns the objects of YAML documents. A field that a kind does not have fails the test.
func Parse(t *testing.T, text []byte) *snapshot.Snapshot {
	t.Helper()
	all := runtime.NewScheme()
	require.NoError(t, native.AddToScheme(all))
	require.NoError(t, scheme.AddToScheme(all))
	decoder := serializer.NewCodecFactory(all, serializer.EnableStrict).UniversalDeserializer()
	s := &snapshot.Snapshot{}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return s
		}
		require.NoError(t, err)
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		o, _, err := decoder.Decode(document, nil, nil)
		require.NoError(t, err, string(document))
		object, ok := o.(snapshot.Object)
		require.True(t, ok, "%T is no object", o)
		s.Objects = append(s.Objects, object)
	}
}
