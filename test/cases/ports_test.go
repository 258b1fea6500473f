package cases

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const servicePort = "ServicePort"

func TestCase23ServicePortsChangePlaces(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "23-service-ports-change-places")
	p.domain()
	p.apply("10-service.yaml", "11-ports.yaml")
	p.ready(servicePort, "http")
	p.ready(servicePort, "admin")
	given := p.nodePorts(t.Context())
	require.Len(t, given, 2)

	step := func(file string, targets map[string]string) {
		t.Helper()
		p.apply(file)
		p.until(file+" is carried out", func(ctx context.Context) error { return p.asWanted(ctx, targets) })
		for name := range targets {
			p.ready(servicePort, name)
		}
		// And it stays so.
		require.NoError(t, p.asWanted(t.Context(), targets))
		now := p.nodePorts(t.Context())
		for name, port := range given {
			require.Equal(t, port, now[name], "%s: the node port of %s", file, name)
		}
	}
	step("20-http-moves.yaml", map[string]string{"http": "TCP 8000", "admin": "TCP 8080"})
	step("21-http-back.yaml", map[string]string{"http": "TCP 80", "admin": "TCP 8080"})
	step("30-swapped.yaml", map[string]string{"http": "TCP 8080", "admin": "TCP 80"})
	step("40-dns-tcp.yaml", map[string]string{"http": "TCP 8080", "admin": "TCP 80", "dns-tcp": "TCP 53"})
	step("41-dns-udp.yaml", map[string]string{"http": "TCP 8080", "admin": "TCP 80", "dns-tcp": "TCP 53", "dns-udp": "UDP 53"})
}

// nodePorts are the node ports of the case's ServicePorts, by their status.
func (p *play) nodePorts(ctx context.Context) map[string]int64 {
	p.Helper()
	list, err := p.custom("xos.opencord.org", "v1", "serviceports").Namespace(p.namespace).List(ctx, metav1.ListOptions{})
	require.NoError(p, err)
	ports := map[string]int64{}
	for _, port := range list.Items {
		ports[port.GetName()], _, err = unstructured.NestedInt64(port.Object, "status", "nodePort")
		require.NoError(p, err)
	}
	return ports
}

// asWanted returns an error where the native Service differs from the spec and the status of
// the ServicePorts.
func (p *play) asWanted(ctx context.Context, targets map[string]string) error {
	service, err := p.kube.CoreV1().Services(p.namespace).Get(ctx, "shop", metav1.GetOptions{})
	if err != nil {
		return err
	}
	found, numbers := map[string]string{}, map[string]int64{}
	for _, port := range service.Spec.Ports {
		found[port.Name] = fmt.Sprintf("%s %s", port.Protocol, port.TargetPort.String())
		numbers[port.Name] = int64(port.NodePort)
	}
	if reported := p.nodePorts(ctx); !maps.Equal(reported, numbers) {
		return fmt.Errorf("the ServicePorts report %v, the Service has %v", reported, numbers)
	}
	if !maps.Equal(found, targets) {
		return fmt.Errorf("the Service has %v", found)
	}
	return nil
}
