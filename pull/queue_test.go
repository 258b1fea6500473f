package pull

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

func TestNamespacesTakeTurns(t *testing.T) {
	queue := newQueue("test", Options{Clock: clock.RealClock{}}, func(o cache.ObjectName) string { return o.Namespace })
	t.Cleanup(queue.ShutDown)
	for i := range 100 {
		queue.Add(cache.NewObjectName("crowded", fmt.Sprint(i)))
	}
	queue.Add(cache.NewObjectName("quiet", "one"))
	var turns []string
	for range 2 {
		name, _ := queue.Get()
		turns = append(turns, name.Namespace)
	}
	assert.Contains(t, turns, "quiet")
}

func TestARecordThatCantBeDecodedIsReported(t *testing.T) {
	good, bad := &xosv1.KubernetesServiceInstance{}, &xosv1.KubernetesServiceInstance{}
	bad.Status.Undecodable = "spec.ports[0].containerPort is not a value of type int32"
	assert.Equal(t, status.Inventoried("", false), unlessUndecodable(good, status.Inventoried("", false)))
	reported := unlessUndecodable(bad, status.Inventoried("", false))
	assert.Equal(t, xosv1.ReasonInvalid, reported.Reason)
	assert.Contains(t, reported.Message, "containerPort")
}
