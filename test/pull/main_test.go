// Package pull_test runs the pull against a real control plane, with nodes that
// kwok plays and a Kafka broker in the test's own process.
package pull_test

import (
	"os"
	"testing"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

func TestMain(m *testing.M) {
	os.Exit(plane.Main(m, plane.Options{Nodes: 2, CRDs: testkit.CRDs}))
}
