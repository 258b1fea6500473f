package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// Ports of a service that move, change places, or ask for the same.

func TestOfTwoPortsThatWantOneNumberTheOlderHasIt(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(shop + port("one", "internalPort: 80"))
	s.ready("ServicePort", "one")
	nodePort := testkit.Must(s, s.xos.XosV1().ServicePorts(s.home).Get, "one").Status.NodePort

	// As a deployment tool renames a port: the new one comes before the old one goes.
	s.apply(port("another", "internalPort: 80") + port("good", "internalPort: 81"))
	s.unready("ServicePort", "another", xosv1.ReasonProgressing, "ServicePort one has what this one asks for")
	s.ready("ServicePort", "good")
	s.ready("ServicePort", "one")
	s.ready("Service", "shop")
	require.Equal(t, nodePort, testkit.Must(s, s.xos.XosV1().ServicePorts(s.home).Get, "one").Status.NodePort)
	s.delete("ServicePort", "one")
	s.ready("ServicePort", "another")
	s.ready("ServicePort", "good")
}

func TestANodePortStaysWithItsServicePort(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	services := s.kube.CoreV1().Services(s.domain)
	s.apply(shop + port("http", "internalPort: 80, protocol: TCP") + port("admin", "internalPort: 8080, protocol: TCP"))
	s.ready("ServicePort", "http")
	s.ready("ServicePort", "admin")
	given := map[string]int32{}
	for _, p := range testkit.Must(s, services.Get, "shop").Spec.Ports {
		given[p.Name] = p.NodePort
	}
	require.Len(t, given, 2)

	// requirePorts waits until the ports have these numbers, and the node ports that
	// they were given at first.
	requirePorts := func(want map[string]int32) {
		t.Helper()
		for name := range want {
			s.ready("ServicePort", name)
		}
		s.ready("Service", "shop")
		live := testkit.Await(s, services.Get, "shop", func(n *corev1.Service) bool { return len(n.Spec.Ports) == len(want) })
		for _, p := range live.Spec.Ports {
			require.Equal(t, want[p.Name], p.Port, p.Name)
			require.Equal(t, want[p.Name], p.TargetPort.IntVal, p.Name)
			if number, known := given[p.Name]; known {
				require.Equal(t, number, p.NodePort, p.Name)
			}
			require.Equal(t, p.NodePort, testkit.Must(s, s.xos.XosV1().ServicePorts(s.home).Get, p.Name).Status.NodePort, p.Name)
		}
	}
	requirePorts(map[string]int32{"http": 80, "admin": 8080})
	s.apply(port("http", "internalPort: 8000, protocol: TCP"))
	requirePorts(map[string]int32{"http": 8000, "admin": 8080})
	s.apply(port("http", "internalPort: 80, protocol: TCP"))
	requirePorts(map[string]int32{"http": 80, "admin": 8080})

	// They change places, one after the other.
	s.apply(port("http", "internalPort: 8080, protocol: TCP"))
	s.unready("ServicePort", "http", xosv1.ReasonProgressing, "ServicePort admin has what this one asks for")
	s.apply(port("admin", "internalPort: 80, protocol: TCP"))
	requirePorts(map[string]int32{"http": 8080, "admin": 80})
	mark := s.manager.Mark()
	require.Empty(t, s.settled(mark).Writes().Lines(), "nothing is left to do")

	s.apply(port("dns-tcp", "internalPort: 53, protocol: TCP"))
	s.ready("ServicePort", "dns-tcp")
	s.apply(port("dns-udp", "internalPort: 53, protocol: UDP"))
	requirePorts(map[string]int32{"http": 8080, "admin": 80, "dns-tcp": 53, "dns-udp": 53})

	// What the server gave one can't be asked for by another one.
	s.apply(port("greedy", fmt.Sprintf("internalPort: 90, externalPort: %d", given["http"])))
	s.unready("ServicePort", "greedy", xosv1.ReasonProgressing, "ServicePort http has what this one asks for")
	requirePorts(map[string]int32{"http": 8080, "admin": 80, "dns-tcp": 53, "dns-udp": 53})
	s.delete("ServicePort", "http")
	s.ready("ServicePort", "greedy")
}
