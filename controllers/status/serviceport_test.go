package status_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

func TestAPortIsJudgedByWhatItsServiceExposes(t *testing.T) {
	service := func(enabled bool, endpoints ...xosv1.Endpoint) *xosv1.Service {
		return &xosv1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: "shop"},
			Spec:       xosv1.ServiceSpec{Enabled: ptr.To(enabled)}, Status: xosv1.ServiceStatus{Endpoints: endpoints},
		}
	}
	inside := xosv1.Endpoint{Name: "http", Scope: xosv1.EndpointScopeCluster, Port: 80, Protocol: corev1.ProtocolTCP}
	node := xosv1.Endpoint{Name: "http", Scope: xosv1.EndpointScopeNode, Port: 30080, NodePort: 30080}
	for sentence, test := range map[string]struct {
		service  *xosv1.Service
		state    outcome.State
		nodePort int32
		message  string
	}{
		"no service":               {nil, outcome.Progressing, 0, "its service does not exist"},
		"not exposed yet":          {service(true), outcome.Progressing, 0, "Service shop does not expose it yet: see that object's conditions"},
		"another number is":        {service(true, xosv1.Endpoint{Name: "http", Scope: xosv1.EndpointScopeCluster, Port: 81, Protocol: corev1.ProtocolTCP}), outcome.Progressing, 0, "Service shop does not expose it yet: see that object's conditions"},
		"another protocol is":      {service(true, xosv1.Endpoint{Name: "http", Scope: xosv1.EndpointScopeCluster, Port: 80, Protocol: corev1.ProtocolUDP}), outcome.Progressing, 0, "Service shop does not expose it yet: see that object's conditions"},
		"another port is":          {service(true, xosv1.Endpoint{Name: "admin"}), outcome.Progressing, 0, "Service shop does not expose it yet: see that object's conditions"},
		"exposed in the cluster":   {service(true, inside), outcome.Ready, 0, "exposed by Service shop"},
		"exposed on each node":     {service(true, inside, node), outcome.Ready, 30080, "exposed by Service shop"},
		"of a service that is off": {service(false), outcome.Ready, 0, "Service shop is disabled: it is not exposed until that one's spec.enabled is true"},
	} {
		t.Run(sentence, func(t *testing.T) {
			port := &xosv1.ServicePort{ObjectMeta: metav1.ObjectMeta{Name: "http"}, Status: xosv1.ServicePortStatus{NodePort: 1}}
			got := status.ServicePort(port, test.service, true, 80)
			assert.Equal(t, test.state, got.State)
			assert.Equal(t, test.message, got.Message)
			assert.Equal(t, test.nodePort, port.Status.NodePort)
		})
	}
	t.Run("a load balancer's is ready with its address", func(t *testing.T) {
		port := &xosv1.ServicePort{ObjectMeta: metav1.ObjectMeta{Name: "http"}, Spec: xosv1.ServicePortSpec{Exposure: xosv1.ExposureLoadBalancer}}
		got := status.ServicePort(port, service(true, inside, node), true, 80)
		assert.Equal(t, outcome.InProgress("it waits for the address of its load balancer, as Service shop does"), got)
		outside := xosv1.Endpoint{Name: "http", Scope: xosv1.EndpointScopeExternal, Address: "192.0.2.1", Port: 80, Protocol: corev1.ProtocolTCP}
		assert.Equal(t, outcome.Succeeded("exposed by Service shop"), status.ServicePort(port, service(true, inside, node, outside), true, 80))
	})
	t.Run("a service that leads nowhere has nothing to expose", func(t *testing.T) {
		port := &xosv1.ServicePort{ObjectMeta: metav1.ObjectMeta{Name: "http"}, Status: xosv1.ServicePortStatus{NodePort: 1}}
		assert.Equal(t, outcome.Succeeded("no Slice names Service shop: it is exposed once one does"), status.ServicePort(port, service(true), false, 80))
		assert.Zero(t, port.Status.NodePort)
	})
}
