package manifests

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// edit changes the ConfigMap "settings" behind the manager's back.
func (s *env) edit(patch string) {
	s.Helper()
	_, err := s.kube.CoreV1().ConfigMaps(s.domain).Patch(s.Context(), "settings", types.MergePatchType, []byte(patch),
		metav1.PatchOptions{FieldManager: "another-client"})
	require.NoError(s, err)
}

func TestDriftIsRepaired(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]string{
		"a changed field":               `{"data":{"color":"red"}}`,
		"a removed field":               `{"data":null}`,
		"a removed tracking annotation": `{"metadata":{"annotations":{"xos.opencord.org/owner":null}}}`,
		"all annotations removed":       `{"metadata":{"annotations":null}}`,
		"a hash that was made":          `{"metadata":{"annotations":{"xos.opencord.org/applied":"x"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tenant(t)
			s.apply("blob", settings)
			owner := string(s.ready("blob").UID)
			s.edit(edit)
			testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", func(c *corev1.ConfigMap) bool {
				return c.Data["color"] == "blue" && c.Annotations[xosv1.AppliedAnnotation] != "x" &&
					c.Annotations[xosv1.OwnerAnnotation] == s.trackingOn("settings", owner)
			})
			s.until("blob", func(i instance) bool { return i.Status.KubectlState == xosv1.KubectlStateUpdated })
		})
	}
}

func TestADeletedObjectIsRecreated(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings)
	before := entry(s.ready("blob"), "ConfigMap", "settings").UID
	require.NoError(t, s.kube.CoreV1().ConfigMaps(s.domain).Delete(t.Context(), "settings", metav1.DeleteOptions{}))
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)
	s.until("blob", func(i instance) bool { return entry(i, "ConfigMap", "settings").UID != before })
	s.ready("blob")
}

func TestWhatOthersAddBesideOurFieldsStays(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings)
	s.ready("blob")
	settled(s, s.manager, 0)
	mark := s.manager.Mark()
	s.edit(`{"data":{"size":"large"}}`)
	require.Empty(t, settled(s, s.manager, mark))
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", func(c *corev1.ConfigMap) bool { return c.Data["size"] == "large" })
}

func TestAFieldThatAnotherApplierDeclaresIsNotFoughtOver(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings)
	s.ready("blob")
	force := true
	_, err := s.kube.CoreV1().ConfigMaps(s.domain).Patch(t.Context(), "settings", types.ApplyPatchType,
		[]byte(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"color":"red"}}`),
		metav1.PatchOptions{FieldManager: "flux", Force: &force})
	require.NoError(t, err)
	s.unready("blob", xosv1.ReasonConflict, ".data.color", `"flux"`)
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", func(c *corev1.ConfigMap) bool { return c.Data["color"] == "red" })
}

func TestAtRestNothingIsSentAndARestartWritesNothing(t *testing.T) {
	// Not parallel: this manager is stopped.
	first := inprocess.Start(t, testkit.Deployed(t))
	s := newEnv(t, first)
	s.apply("blob", settings+account+`
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {token: abc}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: example.org/web:1
          ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]
          args: []
          env: [{name: A, value: "1"}]
          resources: {limits: {memory: 0.5Gi}}
      volumes: [{name: tmp, emptyDir: {}}]
`)
	s.ready("blob")
	settled(s, first, 0)
	mark := first.Mark()
	require.Empty(t, settled(s, first, mark), "at rest")
	first.Stop()

	second := inprocess.Start(t, testkit.Deployed(t))
	sent := settled(s, second, 0)
	require.Empty(t, sent.Writes().Lines(), "everything is in place")
	require.Len(t, sent.Of("get", "deployments"), 1, "its readiness is not known any more")
	require.NoError(t, s.kube.CoreV1().ConfigMaps(s.domain).Delete(t.Context(), "settings", metav1.DeleteOptions{}))
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)
	s.delete("blob")
}

func TestDriftWhileNoManagerRunsIsRepaired(t *testing.T) {
	// Not parallel: this manager is stopped.
	first := inprocess.Start(t, testkit.Deployed(t))
	s := newEnv(t, first)
	s.apply("blob", settings)
	s.ready("blob")
	first.Stop()
	s.edit(`{"data":{"color":"red"}}`)
	second := inprocess.Start(t, testkit.Deployed(t))
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", func(c *corev1.ConfigMap) bool { return c.Data["color"] == "blue" })
	require.Equal(t, []string{"apply configmaps settings", "apply configmaps settings"},
		settled(s, second, 0).To("configmaps").Writes().Lines(), "refused for the edit, then taken back")
	s.delete("blob")
}

func TestWatchesEndWithTheLastThatNeedsThem(t *testing.T) {
	// Not parallel: it counts the watches of a manager of its own.
	manager := inprocess.Start(t, testkit.Deployed(t))
	s := newEnv(t, manager)
	watched := func() int {
		return len(manager.Since(0).In(s.domain).Where(func(r transport.Request) bool {
			return r.Verb == "watch" && r.Resource == "limitranges"
		}))
	}
	s.grantAll()
	s.apply("one", `{apiVersion: v1, kind: LimitRange, metadata: {name: one}, spec: {limits: []}}`)
	s.apply("two", `{apiVersion: v1, kind: LimitRange, metadata: {name: two}, spec: {limits: []}}`)
	s.ready("one")
	s.ready("two")
	require.Equal(t, 1, watched(), "one watch for both")
	s.delete("one")
	s.delete("two")
	s.apply("one", `{apiVersion: v1, kind: LimitRange, metadata: {name: one}, spec: {limits: []}}`)
	s.ready("one")
	require.Equal(t, 2, watched(), "it had ended")
	s.delete("one")
}
