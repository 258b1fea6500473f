// Package chart installs what people are given to install, with the real Helm and the real
// kubectl, and lets what they install work: the test plays the kubelet of the manager's
// namespace, and runs the pods' program with the pods' arguments, as the pods' account.
package chart

import (
	"fmt"
	"os"
	"testing"
	"time"

	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const (
	root  = "../.."
	chart = root + "/charts/xos-kubernetes-service"
	// namespace is that of the release.
	namespace = "xos-system"
	// name is that of the manager's objects.
	name = "xos-controller-manager"
	// image is any: the programs that pods run are those of this repository.
	image = "registry.example.org/xos-controller-manager"
	// timeout is far longer than anything takes.
	timeout = 2 * time.Minute
)

// There are no nodes, so nobody but the test runs pods.
func TestMain(m *testing.M) {
	var err error
	if builds, err = os.MkdirTemp("", "xos-chart-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() { _, _ = built() }() // while the plane starts
	code := plane.Main(m, plane.Options{Kafka: true})
	_ = os.RemoveAll(builds)
	os.Exit(code)
}

// builds is where the manager's program is built.
var builds string
