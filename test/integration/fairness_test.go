package integration

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// TestThousandsOfSlicesThatWaitDelayNoOtherTenant has one tenant's slices wait for
// a domain that is not there. They take turns with others' to say so, of which ten
// a second come to a kind.
func TestThousandsOfSlicesThatWaitDelayNoOtherTenant(t *testing.T) {
	const (
		waiting = 2000
		// promptly is far more than another tenant's slice takes on an idle machine,
		// and far less than all that wait take to say so.
		promptly = 10 * time.Second
	)
	s := aloneEnv(t)
	s.startManager()
	s.addDomain("All")
	crowd := s.xos.XosV1().Slices(plane.Namespace(t, plane.Shared(t)))
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(16)
	for i := range waiting {
		group.Go(func() error {
			_, err := crowd.Create(ctx, &xosv1.Slice{
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("crowd-%d", i)},
				Spec:       xosv1.SliceSpec{TrustDomain: "no-such-domain"},
			}, metav1.CreateOptions{})
			return err
		})
	}
	require.NoError(t, group.Wait())

	began := time.Now()
	s.apply(webSlice)
	testkit.Await(s, s.kube.AppsV1().Deployments(s.domain).Get, "web", nil)
	made := time.Since(began)
	s.apply("kind: Slice\nmetadata: {name: lonely}\nspec: {trustDomain: no-such-domain}")
	s.unready("Slice", "lonely", xosv1.ReasonReferenceNotFound)
	reported := time.Since(began)
	t.Logf("beside %d slices that wait, another tenant's was made after %v, and one reported after %v", waiting, made, reported)
	require.Less(t, made, promptly)
	require.Less(t, reported, 2*promptly)
}
