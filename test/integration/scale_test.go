package integration

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const (
	// many is how many config maps are deleted at once.
	many = 1000
	// afterMany is far longer than their children should take to go, and
	// shorter than the garbage collector alone takes.
	afterMany = 60 * time.Second
)

func TestAThousandDeletedConfigMapsTakeTheirChildrenAlong(t *testing.T) {
	s := aloneEnv(t)
	s.startManager()
	s.addDomain("Same")
	s.home = s.domain
	configMaps := s.xos.XosV1().KubernetesConfigMaps(s.home)
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(16)
	for i := range many {
		group.Go(func() error {
			_, err := configMaps.Create(ctx, &xosv1.KubernetesConfigMap{
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("settings-%d", i)},
				Spec:       xosv1.KubernetesConfigMapSpec{Data: map[string]string{"a": "b"}},
			}, metav1.CreateOptions{})
			return err
		})
	}
	require.NoError(t, group.Wait())
	s.awaitChildren(many)

	require.NoError(t, configMaps.DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{}))
	s.awaitChildren(0)
}

// awaitChildren waits until there are so many ConfigMaps of ours.
func (s *env) awaitChildren(count int) {
	s.Helper()
	plane.Wait(s, afterMany, func(ctx context.Context) (bool, string) {
		list, err := s.configMaps().List(ctx, metav1.ListOptions{
			LabelSelector: xosv1.ManagedByLabel + "=" + xosv1.ManagedByValue, ResourceVersion: "0",
		})
		if err != nil {
			return false, err.Error()
		}
		return len(list.Items) == count, fmt.Sprintf("there are %d config maps, not %d", len(list.Items), count)
	})
}
