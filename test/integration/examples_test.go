package integration

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/plane"
)

// Each example is applied at once, in the order of its file, and has to become
// ready as it stands. (examples/unmanaged.yaml is the pull's.)
func TestTheExamplesBecomeReadyWhenTheyAreAppliedAtOnce(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"demo.yaml", "shop.yaml", "resource.yaml"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, plane.Shared(t).Config(), sharedManager(t))
			s.home = "default"
			content, err := os.ReadFile("../../examples/" + file)
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
		})
	}
}
