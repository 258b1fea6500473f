// Package example runs what people are given to begin with: the program of examples/integration,
// with the rights that its manifest gives it, and the manifests in the documents. The whole
// manager is at work, and publishes to Kafka.
package example

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/manager"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// root is where the repository is.
const root = "../.."

func TestMain(m *testing.M) {
	os.Exit(plane.Main(m, plane.Options{CRDs: testkit.CRDs, Nodes: 2}))
}

// env is a cluster in which a manager works and publishes, for one test.
type env struct {
	*testing.T
	kube    kubernetes.Interface
	xos     versioned.Interface
	dynamic dynamic.Interface
	user    *manifests.Client
	broker  string
}

func newEnv(t *testing.T) *env {
	t.Helper()
	config := plane.Shared(t).Config()
	user, err := manifests.NewClient(config)
	require.NoError(t, err)
	s := &env{
		T: t, user: user, broker: newBroker(t),
		kube: kubernetes.NewForConfigOrDie(config), xos: versioned.NewForConfigOrDie(config), dynamic: dynamic.NewForConfigOrDie(config),
	}
	inprocess.StartParts(t, testkit.Deployed(t), manager.Options{Kafka: &kafka.Options{
		Brokers:      []string{s.broker},
		TopicOptions: kafka.TopicOptions{PodTopic: kafka.DefaultTopic, InventoryTopic: kafka.DefaultInventoryTopic},
	}})
	return s
}

// newBroker starts a Kafka in the test's process and returns its address.
func newBroker(t *testing.T) string {
	t.Helper()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, kafka.DefaultTopic, kafka.DefaultInventoryTopic))
	require.NoError(t, err)
	t.Cleanup(broker.Close)
	return broker.ListenAddrs()[0]
}

// awaitReady waits until an object is as its spec says, by the rules of kstatus.
func (s *env) awaitReady(where string, object *unstructured.Unstructured) {
	s.Helper()
	client, err := s.user.Of(object)
	require.NoError(s, err)
	plane.Wait(s, testkit.Timeout, func(ctx context.Context) (bool, string) {
		live, err := client.Get(ctx, object.GetName(), metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		result, err := status.Compute(live)
		if err != nil {
			return false, err.Error()
		}
		return result.Status == status.CurrentStatus, fmt.Sprintf("%s: %s: %s", where, manifests.Describe(object), result.Message)
	})
}
