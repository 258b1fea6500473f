package adopt

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/lifecycle"
)

func TestOnlyWhatWasShownIsDone(t *testing.T) {
	shown := &unstructured.Unstructured{Object: map[string]any{"kind": "Principal"}}
	shown.SetUID("1")
	shown.SetGeneration(3)
	shown.SetResourceVersion("7")
	decide := asShown(shown, lifecycle.Release)
	for name, change := range map[string]func(*unstructured.Unstructured){
		"another object": func(o *unstructured.Unstructured) { o.SetUID("2") },
		"another spec":   func(o *unstructured.Unstructured) { o.SetGeneration(4) },
	} {
		now := shown.DeepCopy()
		change(now)
		_, err := decide(now)
		require.ErrorContains(t, err, "was changed since it was shown", name)
	}
	now := shown.DeepCopy()
	now.SetResourceVersion("8") // of its status
	done, err := decide(now)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"xosManaged": false}, done.Spec)
}
