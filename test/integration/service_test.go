package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

const shop = `
kind: Service
metadata: {name: shop}
---
kind: Slice
metadata: {name: front}
spec: {trustDomain: $domain, service: shop}
`

func TestAServiceWithoutPortsOrSlicesExposesNothing(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply("kind: Service\nmetadata: {name: shop}\n")
	s.ready("Service", "shop")
	s.apply("kind: Slice\nmetadata: {name: front}\nspec: {trustDomain: $domain, service: shop}\n")
	s.ready("Slice", "front")
	s.ready("Service", "shop")
	s.apply(port("recorded", "internalPort: 80, xosManaged: false"))
	s.ready("ServicePort", "recorded")
	s.ready("Service", "shop")
	s.delete("Slice", "front")
	s.apply("kind: ServicePort\nmetadata: {name: http}\nspec: {service: shop, internalPort: 80}\n")
	s.ready("ServicePort", "http") // as the service is: there is nothing to lead to
	s.ready("Service", "shop")
	testkit.AwaitGone(s, s.kube.CoreV1().Services(s.domain).Get, "shop")
	require.Empty(t, s.sent(0).To("services").In(s.domain).Of("create", "services"), "there was nothing to make")
}

func TestAServiceHasOneNativeServiceForEachExposure(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	services := s.kube.CoreV1().Services(s.domain)
	s.apply(shop + `
---
kind: ServicePort
metadata: {name: http}
spec: {service: shop, internalPort: 80}
---
kind: ServicePort
metadata: {name: dns-tcp}
spec: {service: shop, internalPort: 53, exposure: ClusterIP}
---
kind: ServicePort
metadata: {name: dns-udp}
spec: {service: shop, internalPort: 53, protocol: UDP, exposure: ClusterIP}
`)
	for _, port := range []string{"http", "dns-tcp", "dns-udp"} {
		s.ready("ServicePort", port)
	}
	open := testkit.Must(s, services.Get, "shop")
	require.Equal(t, corev1.ServiceTypeNodePort, open.Spec.Type)
	require.Equal(t, map[string]string{xosv1.NamespaceLabel: s.home, xosv1.ServiceLabel: "shop"}, open.Spec.Selector)
	require.Len(t, testkit.Must(s, services.Get, "shop-clusterip").Spec.Ports, 2, "one number in two protocols")

	status := testkit.Must(s, s.xos.XosV1().Services(s.home).Get, "shop").Status
	require.Equal(t, s.domain, status.Namespace)
	require.Contains(t, status.Endpoints, xosv1.Endpoint{Name: "http", Scope: xosv1.EndpointScopeCluster, Address: open.Spec.ClusterIP, Port: 80, Protocol: corev1.ProtocolTCP})
	nodePort := open.Spec.Ports[0].NodePort
	require.Contains(t, status.Endpoints, xosv1.Endpoint{Name: "http", Scope: xosv1.EndpointScopeNode, Port: nodePort, NodePort: nodePort, Protocol: corev1.ProtocolTCP})
	require.Equal(t, nodePort, testkit.Must(s, s.xos.XosV1().ServicePorts(s.home).Get, "http").Status.NodePort)

	s.delete("ServicePort", "dns-udp")
	testkit.Await(s, services.Get, "shop-clusterip", func(n *corev1.Service) bool { return len(n.Spec.Ports) == 1 })
	s.delete("ServicePort", "dns-tcp")
	testkit.AwaitGone(s, services.Get, "shop-clusterip")
	mark := s.manager.Mark()
	require.Empty(t, s.settled(mark).To("services").Writes().Lines(), "two ports of one number are no drift")
	s.delete("Service", "shop")
	testkit.AwaitGone(s, services.Get, "shop")
}

func TestAServiceLeadsToThePodsOfItsSlices(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(shop + `
---
kind: KubernetesServiceInstance
metadata: {name: front-1}
spec: {slice: front, imageReference: registry.example/front:1, ports: [{containerPort: 80}]}
---
kind: ServicePort
metadata: {name: http}
spec: {service: shop, internalPort: 80, exposure: LoadBalancer, externalPort: 8080}
`)
	s.ready("KubernetesServiceInstance", "front-1")
	s.unready("Service", "shop", xosv1.ReasonProgressing, "waits for the address of its load balancer")
	services := s.kube.CoreV1().Services(s.domain)
	native := testkit.Must(s, services.Get, "shop-loadbalancer")
	require.Equal(t, int32(8080), native.Spec.Ports[0].Port)
	native.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "192.0.2.7"}}
	_, err := services.UpdateStatus(t.Context(), native, metav1.UpdateOptions{})
	require.NoError(t, err)
	s.ready("Service", "shop")
	require.Contains(t, testkit.Must(s, s.xos.XosV1().Services(s.home).Get, "shop").Status.Endpoints,
		xosv1.Endpoint{Name: "http", Scope: xosv1.EndpointScopeExternal, Address: "192.0.2.7", Port: 8080, Protocol: corev1.ProtocolTCP})

	pod := testkit.Must(s, s.kube.CoreV1().Pods(s.domain).Get, "front-1")
	for key, value := range native.Spec.Selector {
		require.Equal(t, value, pod.Labels[key], "the selector finds the pod")
	}
}

func TestSlicesOfSeveralTrustDomainsHaveNoServiceInCommon(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	other := "td-" + rand.String(8)
	s.apply("kind: TrustDomain\nmetadata: {name: " + other + "}\nspec: {allowedNamespaces: {from: All}}\n")
	s.Cleanup(func() { s.forget("TrustDomain", other) })
	s.ready("TrustDomain", other)
	s.apply(shop + `
---
kind: Slice
metadata: {name: back}
spec: {trustDomain: ` + other + `, service: shop}
---
kind: ServicePort
metadata: {name: http}
spec: {service: shop, internalPort: 80}
`)
	s.unready("Service", "shop", xosv1.ReasonInvalid, "several trust domains", "$domain", other)
	testkit.AwaitGone(s, s.kube.CoreV1().Services(s.domain).Get, "shop")
	testkit.AwaitGone(s, s.kube.CoreV1().Services(other).Get, "shop")
	s.delete("Slice", "back")
	s.ready("Service", "shop")
}
