package manifests

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const ledger = `
---
apiVersion: v1
kind: Secret
metadata: {name: ledger}
stringData: {key: do-not-lose-me}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger}
spec:
  replicas: 1
  selector: {matchLabels: {app: ledger}}
  template:
    metadata: {labels: {app: ledger}}
    spec: {containers: [{name: ledger, image: "registry.k8s.io/pause:3.10"}]}
`

func kept(by string) string {
	return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + by + "}, data: {kept-by: " + by + "}}\n"
}

// adopting lets a resource instance have what is given up.
func adopting(i instance) { i.Spec.Adopt = xosv1.AdoptIfUnowned }

// givingUp has a resource instance give up what it declares no longer.
func givingUp(i instance) {
	prune := false
	i.Spec.Prune = &prune
}

func TestAnObjectMovesToAnotherBlob(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		left []func(instance)
		same bool
	}{
		"deleted and made again":            {[]func(instance){adopting}, false},
		"handed over, where prune is false": {[]func(instance){adopting, givingUp}, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := tenant(t)
			s.apply("left", kept("left")+ledger, test.left...)
			s.apply("right", kept("right"), adopting)
			s.ready("left")
			s.ready("right")
			was := testkit.Await(t, s.kube.AppsV1().Deployments(s.domain).Get, "ledger", nil)
			secret := testkit.Await(t, s.kube.CoreV1().Secrets(s.domain).Get, "ledger", nil)

			s.apply("left", kept("left"), test.left...)
			s.apply("right", kept("right")+ledger, adopting)
			require.Len(t, s.ready("right").Status.Inventory, 3)
			left := s.until("left", func(i instance) bool { return len(i.Status.Inventory) == 1 })
			require.Equal(t, "left", left.Status.Inventory[0].Name)
			is := testkit.Await(t, s.kube.AppsV1().Deployments(s.domain).Get, "ledger", nil)
			require.Equal(t, test.same, was.UID == is.UID)
			require.Contains(t, is.Annotations[xosv1.OwnerAnnotation], "/right/")
			require.Equal(t, test.same, secret.UID == testkit.Await(t, s.kube.CoreV1().Secrets(s.domain).Get, "ledger", nil).UID)

			mark := s.manager.Mark()
			require.Empty(t, settled(s, s.manager, mark).Writes(), "no two writers fight")
			s.apply("right", kept("right")+strings.ReplaceAll(ledger, "replicas: 1", "replicas: 2"), adopting)
			testkit.Await(t, s.kube.AppsV1().Deployments(s.domain).Get, "ledger", func(d *appsv1.Deployment) bool { return *d.Spec.Replicas == 2 })
			s.apply("right", kept("right"), adopting, func(i instance) { i.Spec.DeletionPolicy = xosv1.DeletionPolicyDelete })
			s.until("right", func(i instance) bool { return len(i.Status.Inventory) == 1 })
			testkit.Absent(t, s.kube.CoreV1().Secrets(s.domain).Get, "ledger")
			s.delete("left")
			s.delete("right")
		})
	}
}

func TestWithoutPruneARemovedObjectIsReleasedAndReported(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings+account, givingUp)
	s.ready("blob")
	s.apply("blob", settings, givingUp)
	s.until("blob", func(i instance) bool { return len(i.Status.Inventory) == 1 })
	worker := testkit.Await(t, s.kube.CoreV1().ServiceAccounts(s.domain).Get, "worker", nil)
	require.NotContains(t, worker.Annotations, xosv1.OwnerAnnotation)
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		events, err := s.kube.EventsV1().Events(s.domain).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		for _, e := range events.Items {
			if e.Reason == xosv1.ReasonGivenUp && strings.Contains(e.Note, "ServiceAccount "+s.domain+"/worker") {
				return true, ""
			}
		}
		return false, "no event reports it"
	})
	s.delete("blob")
	testkit.Await(t, s.kube.CoreV1().ServiceAccounts(s.domain).Get, "worker", func(*corev1.ServiceAccount) bool { return true })
}
