package integration

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

func TestANodePortConflictDoesNotDiscloseAnotherNamespace(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	holder := plane.Namespace(t, plane.Shared(t))
	theirs, err := s.kube.CoreV1().Services(holder).Create(t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "theirs"},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: []corev1.ServicePort{{Port: 80}}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	taken := theirs.Spec.Ports[0].NodePort
	s.apply(shop)
	_, err = s.xos.XosV1().ServicePorts(s.home).Create(t.Context(), &xosv1.ServicePort{
		ObjectMeta: metav1.ObjectMeta{Name: "http"},
		Spec:       xosv1.ServicePortSpec{Service: "shop", InternalPort: 80, ExternalPort: &taken},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	s.unready("Service", "shop", xosv1.ReasonConflict, fmt.Sprintf("node port %d of ServicePort http", taken), "held by an object in another namespace: take another spec.externalPort")
	service := testkit.Must(s, s.xos.XosV1().Services(s.home).Get, "shop")
	require.NotContains(t, meta.FindStatusCondition(service.Status.Conditions, xosv1.ConditionReady).Message, holder)
	require.Contains(t, s.manager.Log(), holder+"/theirs", "the log names it for the operator")
	s.unready("ServicePort", "http", xosv1.ReasonProgressing, "Service shop does not expose it yet: see that object's conditions")
	require.NoError(t, s.kube.CoreV1().Services(holder).Delete(t.Context(), "theirs", metav1.DeleteOptions{}))
	s.ready("Service", "shop")
	s.ready("ServicePort", "http")
	require.Equal(t, taken, testkit.Must(s, s.xos.XosV1().ServicePorts(s.home).Get, "http").Status.NodePort)
}

func TestANodePortMayBeHeldByAnotherOfTheServicesOwn(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(shop + port("balanced", "internalPort: 80, exposure: LoadBalancer"))
	balanced := testkit.Await(s, s.kube.CoreV1().Services(s.domain).Get, "shop-loadbalancer", nil)
	s.apply(port("plain", fmt.Sprintf("internalPort: 81, externalPort: %d", balanced.Spec.Ports[0].NodePort)))
	s.unready("Service", "shop", xosv1.ReasonConflict, "of ServicePort plain is held by Service $domain/shop-loadbalancer")
}

// port is a manifest of a ServicePort of the service shop.
func port(name, spec string) string {
	return fmt.Sprintf("\n---\nkind: ServicePort\nmetadata: {name: %s}\nspec: {service: shop, %s}\n", name, spec)
}

func TestNativePortsFollowTheServicePorts(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	services := s.kube.CoreV1().Services(s.domain)
	s.apply(shop + port("http", "internalPort: 80"))
	s.ready("ServicePort", "http")
	first := testkit.Must(s, services.Get, "shop").UID
	for _, step := range []struct {
		says, spec string
		native     string
		want       corev1.ServicePort
	}{
		{"another number", "internalPort: 81", "shop", corev1.ServicePort{Port: 81, Protocol: corev1.ProtocolTCP}},
		{"another protocol", "internalPort: 81, protocol: UDP", "shop", corev1.ServicePort{Port: 81, Protocol: corev1.ProtocolUDP}},
		{"both", "internalPort: 80, protocol: TCP", "shop", corev1.ServicePort{Port: 80, Protocol: corev1.ProtocolTCP}},
		{"another exposure", "internalPort: 80, exposure: ClusterIP", "shop-clusterip", corev1.ServicePort{Port: 80, Protocol: corev1.ProtocolTCP}},
		{"a number outside", "internalPort: 80, externalPort: 8080, exposure: ClusterIP", "shop-clusterip", corev1.ServicePort{Port: 8080, Protocol: corev1.ProtocolTCP}},
		{"back again", "internalPort: 80", "shop", corev1.ServicePort{Port: 80, Protocol: corev1.ProtocolTCP}},
	} {
		t.Log(step.says)
		s.apply(port("http", step.spec))
		live := testkit.Await(s, services.Get, step.native, func(n *corev1.Service) bool {
			return len(n.Spec.Ports) == 1 && n.Spec.Ports[0].Port == step.want.Port && n.Spec.Ports[0].Protocol == step.want.Protocol
		})
		if step.native == "shop" {
			testkit.AwaitGone(s, services.Get, "shop-clusterip")
		} else {
			testkit.AwaitGone(s, services.Get, "shop")
		}
		s.ready("ServicePort", "http")
		s.ready("Service", "shop")
		s.awaitEndpoints(func(e []xosv1.Endpoint) bool {
			return e[0] == xosv1.Endpoint{Name: "http", Scope: xosv1.EndpointScopeCluster, Address: live.Spec.ClusterIP, Port: step.want.Port, Protocol: step.want.Protocol}
		})
	}
	require.NotEqual(t, first, testkit.Must(s, services.Get, "shop").UID, "it was gone meanwhile")

	s.delete("ServicePort", "http")
	testkit.AwaitGone(s, services.Get, "shop")
	testkit.Await(s, s.xos.XosV1().Services(s.home).Get, "shop", func(service *xosv1.Service) bool {
		return equality.Semantic.DeepEqual(service.Status, xosv1.ServiceStatus{ObjectStatus: xosv1.ObjectStatus{
			ObservedGeneration: service.Generation, Conditions: service.Status.Conditions,
		}})
	})
	s.ready("Service", "shop")
}

// service is the status of the service shop.
func (s *env) service() xosv1.ServiceStatus {
	s.Helper()
	return testkit.Must(s, s.xos.XosV1().Services(s.home).Get, "shop").Status
}

// awaitEndpoints waits until the service shop has endpoints, and these are as
// wanted.
func (s *env) awaitEndpoints(want func([]xosv1.Endpoint) bool) {
	s.Helper()
	testkit.Await(s, s.xos.XosV1().Services(s.home).Get, "shop", func(service *xosv1.Service) bool {
		return len(service.Status.Endpoints) > 0 && want(service.Status.Endpoints)
	})
}

func TestEndpointsReportFromWhereTheyAreReachable(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	services := s.kube.CoreV1().Services(s.domain)
	s.apply(shop + port("inner", "internalPort: 80, exposure: ClusterIP") + port("open", "internalPort: 81, protocol: UDP") +
		port("outer", "internalPort: 82, externalPort: 443, exposure: LoadBalancer"))
	balanced := testkit.Await(s, services.Get, "shop-loadbalancer", nil)
	balanced.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "192.0.2.7"}, {Hostname: "shop.example"}}
	_, err := services.UpdateStatus(t.Context(), balanced, metav1.UpdateOptions{})
	require.NoError(t, err)
	// It may have been ready before: with fewer ports.
	s.awaitEndpoints(func(e []xosv1.Endpoint) bool {
		return slices.ContainsFunc(e, func(e xosv1.Endpoint) bool { return e.Scope == xosv1.EndpointScopeExternal })
	})
	s.ready("Service", "shop")
	inner, open := testkit.Must(s, services.Get, "shop-clusterip"), testkit.Must(s, services.Get, "shop")
	node, second := open.Spec.Ports[0].NodePort, balanced.Spec.Ports[0].NodePort
	require.Equal(t, []xosv1.Endpoint{
		{Name: "open", Scope: xosv1.EndpointScopeCluster, Address: open.Spec.ClusterIP, Port: 81, Protocol: corev1.ProtocolUDP},
		{Name: "open", Scope: xosv1.EndpointScopeNode, Port: node, NodePort: node, Protocol: corev1.ProtocolUDP},
		{Name: "outer", Scope: xosv1.EndpointScopeCluster, Address: balanced.Spec.ClusterIP, Port: 443, Protocol: corev1.ProtocolTCP},
		{Name: "outer", Scope: xosv1.EndpointScopeNode, Port: second, NodePort: second, Protocol: corev1.ProtocolTCP},
		{Name: "outer", Scope: xosv1.EndpointScopeExternal, Address: "192.0.2.7", Port: 443, Protocol: corev1.ProtocolTCP},
		{Name: "outer", Scope: xosv1.EndpointScopeExternal, Address: "shop.example", Port: 443, Protocol: corev1.ProtocolTCP},
		{Name: "inner", Scope: xosv1.EndpointScopeCluster, Address: inner.Spec.ClusterIP, Port: 80, Protocol: corev1.ProtocolTCP},
	}, s.service().Endpoints)
	require.Equal(t, []xosv1.NativeService{
		{Exposure: xosv1.ExposureNodePort, Name: "shop"}, {Exposure: xosv1.ExposureLoadBalancer, Name: "shop-loadbalancer"}, {Exposure: xosv1.ExposureClusterIP, Name: "shop-clusterip"},
	}, s.service().Services)
}

func TestADisabledServiceExposesNothing(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	services := s.kube.CoreV1().Services(s.domain)
	s.apply(shop + port("http", "internalPort: 80"))
	s.ready("ServicePort", "http")
	s.apply("kind: Service\nmetadata: {name: shop}\nspec: {enabled: false}\n")
	testkit.AwaitGone(s, services.Get, "shop")
	s.ready("Service", "shop")
	s.awaitReady("ServicePort", "http", asItShouldBe("Service shop is disabled"))
	s.apply("kind: Service\nmetadata: {name: shop}\nspec: {enabled: true}\n")
	s.ready("ServicePort", "http")
	testkit.Await(s, services.Get, "shop", nil)
}
