package faults_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// deleteNamespace deletes a namespace, and waits until it is gone: nothing may hold it up,
// whoever is away.
func (s *scene) deleteNamespace(name string) {
	s.Helper()
	s.forgotten[name] = time.Now()
	require.NoError(s, s.kube.CoreV1().Namespaces().Delete(s.Context(), name, metav1.DeleteOptions{}))
	plane.Wait(s, waitTimeout, func(ctx context.Context) (bool, string) {
		namespace, err := s.kube.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return apierrors.IsNotFound(err), err.Error()
		}
		return false, fmt.Sprintf("namespace %s is %s: %v", name, namespace.Status.Phase, namespace.Status.Conditions)
	})
}

// TestNamespacesAreDeletedWhoeverIsAway deletes one namespace while Kafka is away, one while
// the manager is, and one while both are.
func TestNamespacesAreDeletedWhoeverIsAway(t *testing.T) {
	s := newScene(t, 4)
	withoutKafka, withoutBoth, withoutManager := s.selected[1], s.selected[2], s.selected[3]
	t.Logf("%s is deleted without Kafka, %s without both, %s without the manager", withoutKafka, withoutBoth, withoutManager)
	s.start()
	l := s.startLoad(append(s.selected, s.other)...)
	l.more(60)
	s.broker.cut()
	l.more(60) // of these pods Kafka is never told before their namespace ends
	s.deleteNamespace(withoutKafka)
	s.kill() // what it had to say of that namespace outlives it
	l.more(20)
	s.deleteNamespace(withoutBoth)
	s.broker.mend()
	s.deleteNamespace(withoutManager)
	s.start()
	l.more(20)
	l.end()
	s.settle()
}

// TestAManagerDiesRightAfterANamespaceWithoutKafka has nothing but what the manager has kept tell of pods.
func TestAManagerDiesRightAfterANamespaceWithoutKafka(t *testing.T) {
	s := newScene(t, 2)
	s.start()
	first := s.pod(s.selected[0], "told")
	s.broker.awaitOnDetails(first.UID, created)
	s.broker.cut()
	l := s.startLoad(s.selected...)
	l.more(30)
	l.end()
	s.deleteNamespace(s.selected[1])
	s.kill()
	s.broker.mend()
	s.start()
	s.settle()
}

// TestEverythingIsUninstalledWithoutKafka deletes the CustomResourceDefinitions and the
// release while Kafka is away, and installs both again.
func TestEverythingIsUninstalledWithoutKafka(t *testing.T) {
	// Without a KubernetesService all pods are selected: there is to be none of others.
	require.NoError(t, awaitNamespacesGone())
	s := newScene(t, 2)
	s.start()
	l := s.startLoad(s.selected...)
	l.more(40)
	s.broker.cut()
	l.more(20)

	s.deleteCRDs()
	require.NoError(t, s.manager.Signal(syscall.SIGTERM))
	s.dies()
	plane.Wait(t, waitTimeout, func(context.Context) (bool, string) {
		select {
		case <-s.manager.Done:
			return true, ""
		default:
			return false, "the manager does not stop while Kafka is away"
		}
	})
	for _, namespace := range s.selected { // the records went with the definitions
		s.forgotten[namespace] = time.Now()
	}
	s.deleteRelease()
	l.more(20)

	require.NoError(t, s.plane.InstallCRDs(t.Context(), testkit.CRDs))
	s.config = testkit.DeployedOn(t, s.plane)
	s.selectOnly(s.selected...)
	s.broker.mend()
	s.start()
	l.more(20)
	l.end()
	s.settle()
}

// deleteCRDs is "kubectl delete -f crds", which waits until they are gone.
func (s *scene) deleteCRDs() {
	s.Helper()
	crds := apiextensions.NewForConfigOrDie(s.plane.Config()).ApiextensionsV1().CustomResourceDefinitions()
	ours := func(ctx context.Context) (names []string) {
		list, err := crds.List(ctx, metav1.ListOptions{})
		require.NoError(s, err)
		for _, crd := range list.Items {
			if crd.Spec.Group == xosv1.GroupName {
				names = append(names, crd.Name)
			}
		}
		return names
	}
	for _, name := range ours(s.Context()) {
		require.NoError(s, crds.Delete(s.Context(), name, metav1.DeleteOptions{}))
	}
	plane.Wait(s, waitTimeout, func(ctx context.Context) (bool, string) {
		left := ours(ctx)
		return len(left) == 0, fmt.Sprintf("%v are still there", left)
	})
}

// deleteRelease deletes what the manager is deployed by but for its namespace, in which what
// it has kept has to outlive it.
func (s *scene) deleteRelease() {
	s.Helper()
	client, err := manifests.NewClient(s.plane.Config())
	require.NoError(s, err)
	for _, path := range testkit.Rights() {
		objects, err := manifests.ReadFiles(path)
		require.NoError(s, err)
		for _, o := range objects {
			if o.GetKind() == "Namespace" {
				continue
			}
			of, err := client.Of(o)
			require.NoError(s, err)
			require.NoError(s, of.Delete(s.Context(), o.GetName(), metav1.DeleteOptions{}))
		}
	}
}
