package manifests

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestAFightOverABlobsObjectIsRateLimitedAndReported(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings)
	s.ready("blob")
	maps := s.kube.CoreV1().ConfigMaps(s.domain)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { // another client that wants another colour
		defer close(ended)
		for ctx.Err() == nil {
			if live, err := maps.Get(ctx, "settings", metav1.GetOptions{}); err == nil && live.Data["color"] == "blue" {
				_, _ = maps.Patch(ctx, "settings", types.MergePatchType, []byte(`{"data":{"color":"red"}}`), metav1.PatchOptions{FieldManager: "painter"})
			}
		}
	}()
	s.unready("blob", xosv1.ReasonConflict, "data.color by painter")
	stop()
	<-ended
	s.ready("blob")
}
