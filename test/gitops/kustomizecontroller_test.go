package gitops

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"xos.opencord.org/kubernetes-service/hack/child"
	"xos.opencord.org/kubernetes-service/hack/plane/binaries"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/syncbuffer"
)

// fluxNamespace is where Flux and its objects are.
const fluxNamespace = "flux-system"

var (
	startFlux sync.Once
	// flux is Flux's kustomize-controller; nil where it did not start.
	flux    *child.Process
	fluxLog syncbuffer.Buffer
)

// runFlux runs kustomize-controller as Flux deploys it, once, until stopFlux. A test that
// fails shows its log.
func runFlux(t *testing.T, c *cluster) {
	t.Helper()
	install(t, c)
	startFlux.Do(func() {
		for _, crds := range match(t, "hack/flux/crds/*.yaml") {
			for _, object := range crds.documents(t) {
				c.apply(t, object)
			}
			c.served(t, crds)
		}
		client, err := kubernetes.NewForConfig(plane.Shared(t).Config())
		require.NoError(t, err)
		_, err = client.CoreV1().Namespaces().Create(t.Context(),
			&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fluxNamespace}}, metav1.CreateOptions{})
		require.True(t, err == nil || apierrors.IsAlreadyExists(err), "%v", err)
		program, err := binaries.Flux.Ensure(t.Context(), os.Stderr)
		require.NoError(t, err)
		// The program takes no flag for its kubeconfig.
		flux, err = child.Start("/usr/bin/env", []string{
			"KUBECONFIG=" + plane.Shared(t).Kubeconfig(), "RUNTIME_NAMESPACE=" + fluxNamespace, program,
			"--metrics-addr=127.0.0.1:0", "--health-addr=127.0.0.1:0", "--log-level=debug",
			// Dependencies are polled, by default each 30 seconds.
			"--requeue-dependency=1s",
		}, &fluxLog)
		require.NoError(t, err)
	})
	require.NotNil(t, flux, "kustomize-controller did not start for an earlier test")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log of kustomize-controller:\n%s", fluxLog.String())
		}
	})
}

// stopFlux ends kustomize-controller where it runs; one that ended by itself is an error.
func stopFlux() error {
	if flux == nil {
		return nil
	}
	select {
	case <-flux.Done:
		return fmt.Errorf("kustomize-controller ended by itself: %w\n%s", flux.Err, fluxLog.String())
	default:
		return flux.Kill()
	}
}
