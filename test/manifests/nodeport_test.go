package manifests

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

func portal(name string, nodePort int) string {
	return fmt.Sprintf(`
apiVersion: v1
kind: Service
metadata: {name: %s}
spec: {type: NodePort, selector: {app: portal}, ports: [{name: http, port: 80, targetPort: 8080, nodePort: %d}]}
---
`, name, nodePort)
}

func TestARenamedServiceKeepsItsNodePort(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", portal("portal-external", 30906)+settings)
	s.ready("blob")
	s.apply("blob", portal("portal-ext", 30906)+settings)
	require.Len(t, s.ready("blob").Status.Inventory, 2)
	renamed := testkit.Await(t, s.kube.CoreV1().Services(s.domain).Get, "portal-ext", nil)
	require.EqualValues(t, 30906, renamed.Spec.Ports[0].NodePort)
	testkit.Absent(t, s.kube.CoreV1().Services(s.domain).Get, "portal-external")
}

func TestTheHolderOfANodePortIsNamed(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("first", portal("first", 30907))
	s.ready("first")
	s.apply("second", portal("second", 30907))
	s.unready("second", xosv1.ReasonConflict, "Service $domain/second: node port 30907 is held by Service $domain/first: take another one")
	s.remove("first")
	s.ready("second")

	keep := false
	s.apply("second", portal("third", 30907), func(i instance) { i.Spec.Prune = &keep })
	s.unready("second", xosv1.ReasonConflict, "held by Service $domain/second, which is declared no longer and stays, since spec.prune is false")
}
