// Package faults has pods come and go while managers are killed and frozen, brokers are
// away, lose answers and are rebuilt, the API server restarts and watches miss events. Then
// an oracle compares what a consumer of Kafka reads with the history of the pods that the
// API server itself has shown, and finds every event that is missing, double or out of
// order, but for those of which docs/events.md says that they are not guaranteed.
//
// What a scenario does follows from its seed, which it prints; when that meets which
// request of the manager does not, so that a fault may take several runs to come again:
//
//	XOS_FAULTS_SEED=42 go test ./test/faults -run TestName -v
//
// go test -artifacts keeps the managers' logs of a scenario that failed.
package faults_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"xos.opencord.org/kubernetes-service/hack/plane/launch"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/program"
)

// waitTimeout is far longer than anything takes whose duration is not the point: a session
// with a broker is given up after 20 s, and so much is waited once.
const waitTimeout = 90 * time.Second

// managerBinary is the program; TestMain builds it.
var managerBinary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "xos-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if managerBinary, err = program.Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return plane.Main(suite{m}, plane.Options{CRDs: testkit.CRDs, Nodes: 2, AuditLog: true, KeepData: true})
}

// used are the namespaces of the scenarios, which are deleted at their ends.
var used struct {
	sync.Mutex
	plane *launch.Plane
	names []string
}

// suite checks at its end that no namespace hangs, while no manager runs.
type suite struct{ *testing.M }

// Run implements plane.Runner.
func (s suite) Run() int {
	code := s.M.Run()
	if err := awaitNamespacesGone(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

func awaitNamespacesGone() error {
	if len(used.names) == 0 {
		return nil
	}
	client := kubernetes.NewForConfigOrDie(used.plane.Config())
	var left []string
	err := wait.PollUntilContextTimeout(context.Background(), 100*time.Millisecond, waitTimeout, true, func(ctx context.Context) (bool, error) {
		list, err := client.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		left = nil
		for _, n := range list.Items {
			if slices.Contains(used.names, n.Name) {
				left = append(left, fmt.Sprintf("%s: %v", n.Name, n.Status.Conditions))
			}
		}
		return len(left) == 0, nil
	})
	if err != nil {
		return fmt.Errorf("namespaces hang while no manager runs: %w:\n%s", err, strings.Join(left, "\n"))
	}
	return nil
}
