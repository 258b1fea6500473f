package pull

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/record"
)

func TestAStatusThatChangesPutsNoFullListOff(t *testing.T) {
	s := newPodSelector(nil)
	var changes int
	s.changed = func(_, _ *record.Selection) { changes++ }
	// woken returns whether what waits for the next full list begins to wait anew.
	woken := func() bool {
		select {
		case <-s.reselected:
			return true
		default:
			return false
		}
	}
	service := &xosv1.KubernetesService{}
	service.Name = xosv1.DefaultKubernetesService
	service.Spec.Pull.ResyncSeconds = ptr.To[int32](60)
	s.selectBy(service, service.Spec.Pull)
	assert.Equal(t, 1, changes)
	assert.True(t, woken())

	service = service.DeepCopy()
	service.Status.Version = "v1.36.3"
	s.selectBy(service, service.Spec.Pull)
	assert.Equal(t, 1, changes)
	assert.False(t, woken())

	service = service.DeepCopy()
	service.Spec.Pull.ResyncSeconds = ptr.To[int32](30)
	s.selectBy(service, service.Spec.Pull)
	assert.Equal(t, 2, changes)
	assert.True(t, woken())
}
