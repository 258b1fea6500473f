package integration

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/plane"
)

func TestTheDemonstrationBecomesReadyWhenItIsAppliedAtOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t, plane.Shared(t).Config(), sharedManager(t))
	s.home = "default"
	content, err := os.ReadFile("../../examples/demo.yaml")
	require.NoError(t, err)
	objects := documents(t, string(content))
	require.NotEmpty(t, objects)
	for _, object := range objects {
		s.Cleanup(func() { s.forget(object.GetKind(), object.GetName()) })
	}
	s.apply(string(content))
	for _, object := range objects {
		s.ready(object.GetKind(), object.GetName())
	}
}
