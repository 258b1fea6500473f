package manifests

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

const settings = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: blue}
`

const account = `
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: worker}
`

// definition defines the kind Lamp in a group.
func definition(group string) string {
	return `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: lamps.` + group + `}
spec:
  group: ` + group + `
  scope: Namespaced
  names: {kind: Lamp, plural: lamps}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`
}

func TestABlobIsAppliedAsItsPrincipalAndInventoried(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	mark := s.manager.Mark()
	s.apply("blob", settings+account)
	i := s.ready("blob")
	require.Equal(t, xosv1.KubectlStateCreated, i.Status.KubectlState)
	require.Len(t, i.Status.Inventory, 2)

	made, err := s.kube.CoreV1().ConfigMaps(s.domain).Get(t.Context(), "settings", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"color": "blue"}, made.Data)
	require.Equal(t, s.trackingOn("settings", string(i.UID)), made.Annotations[xosv1.OwnerAnnotation])
	require.NotContains(t, made.Labels, xosv1.ManagedByLabel, "the label is the user's")
	require.Equal(t, xosv1.InventoryEntry{
		APIVersion: "v1", Kind: "ConfigMap", Namespace: s.domain, Name: "settings", UID: made.UID, Health: xosv1.HealthCurrent,
	}, entry(i, "ConfigMap", "settings"))

	require.Equal(t, []string{
		"patch kubernetesresourceinstances blob", // the finalizer, and what is about to be applied
		"apply serviceaccounts worker",
		"apply configmaps settings",
		"patch kubernetesresourceinstances/status blob",
	}, inTime(settled(s, s.manager, mark)).Writes().Named("blob", "worker", "settings").Lines(), "documents and two writes")
}

func TestTheInventoryIsSavedBeforeAnythingIsApplied(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings, func(i instance) { i.Spec.Principal = "" })
	i := s.unready("blob", xosv1.ReasonForbidden, "system:serviceaccount:$domain:xos-default")
	require.Equal(t, "settings", entry(i, "ConfigMap", "settings").Name, "though it could not be applied")
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
}

func TestAChangeIsOneApply(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings+account)
	s.ready("blob")
	settled(s, s.manager, 0)

	mark := s.manager.Mark()
	s.apply("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {size: large}}"+account)
	i := s.until("blob", func(i instance) bool { return i.Status.KubectlState == xosv1.KubectlStateUpdated })
	require.Len(t, i.Status.Inventory, 2)
	require.Equal(t, []string{"apply configmaps settings", "patch kubernetesresourceinstances/status blob"},
		settled(s, s.manager, mark).Lines())
	changed, err := s.kube.CoreV1().ConfigMaps(s.domain).Get(t.Context(), "settings", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"size": "large"}, changed.Data, "what is not declared any more is removed")
}

func TestReadinessIsThatOfTheObjects(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	const claim = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: disk}
spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}
`
	s.apply("blob", claim)
	i := s.unready("blob", xosv1.ReasonProgressing, "PersistentVolumeClaim $domain/disk")
	require.Equal(t, xosv1.HealthInProgress, entry(i, "PersistentVolumeClaim", "disk").Health)

	noWait := false
	s.apply("blob", claim, func(i instance) { i.Spec.Wait = &noWait })
	s.ready("blob")
}

func TestADefinitionAndItsResourceWorkInOneBlob(t *testing.T) {
	t.Parallel()
	s := administrator(t)
	group := s.domain + ".example.org"
	s.apply("blob", `
apiVersion: `+group+`/v1
kind: Lamp
metadata: {name: hall}
spec: {watts: 9}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: lamps.`+group+`}
spec:
  group: `+group+`
  scope: Namespaced
  names: {kind: Lamp, plural: lamps}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {watts: {type: integer}}}
`)
	i := s.ready("blob")
	require.Equal(t, xosv1.KubectlStateCreated, i.Status.KubectlState, "one blob, though it took several passes")
	require.Equal(t, xosv1.HealthCurrent, entry(i, "Lamp", "hall").Health)
	s.delete("blob")
	testkit.Absent(t, s.reader("apiextensions.k8s.io", "v1", "customresourcedefinitions", ""), "lamps."+group)
}

func TestAKindThatComesLaterIsFound(t *testing.T) {
	t.Parallel()
	s := administrator(t)
	group := s.domain + ".example.org"
	s.apply("blob", settings+"---\n{apiVersion: "+group+"/v1, kind: Lamp, metadata: {name: hall}}\n")
	s.unready("blob", xosv1.ReasonFailed, "no kind Lamp in "+group+"/v1", "the other one went well")
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)
	s.apply("definition", definition(group))
	s.ready("definition")
	s.ready("blob")
	s.delete("definition")
	s.unready("blob", xosv1.ReasonFailed, "Lamp")
	s.delete("blob")
}

func TestAFailedObjectIsReportedAndTheOthersStay(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings+account+`
---
apiVersion: v1
kind: Service
metadata: {name: broken}
spec: {ports: [{port: 99999}]}
---
apiVersion: v1
kind: Pod
metadata: {name: typo}
spec: {containres: []}
`)
	i := s.unready("blob", xosv1.ReasonInvalid, "Service $domain/broken", "spec.ports[0].port: invalid, must be between 1 and 65535", "Pod $domain/typo", "spec.containres: no such field", "the other 2 went well")
	require.Equal(t, xosv1.HealthCurrent, entry(i, "ConfigMap", "settings").Health)
	require.Contains(t, entry(i, "Service", "broken").Message, "spec.ports[0].port")
	require.NotContains(t, describe(i), "99999", "no value is quoted")
	require.NotEmpty(t, entry(i, "Pod", "typo").Message)
	testkit.Await(t, s.kube.CoreV1().ServiceAccounts(s.domain).Get, "worker", nil)

	s.apply("blob", settings+account)
	require.Len(t, s.ready("blob").Status.Inventory, 2, "what never was is forgotten")
}

func TestABlobThatCantBeReadIsStalledAndNothingOfItApplied(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings+"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\ndata: {a: b, a: c}\n")
	i := s.unready("blob", xosv1.ReasonInvalid, "document 2", `"a"`)
	require.Empty(t, i.Status.Inventory)
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
}

func TestASuspendedBlobIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings, func(i instance) { i.Spec.Suspend = true })
	s.suspended("blob")
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
	s.apply("blob", settings, func(i instance) { i.Spec.Suspend = false })
	s.ready("blob")
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", func(c *corev1.ConfigMap) bool { return c.Data["color"] == "blue" })
}

// As an editor on Windows saves it, and two files that were put together.
func TestABlobFromWindowsMeansWhatItMeansToKubectl(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("windows", "\ufeff# Saved on Windows\r\n---\r\napiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: scripts\r\ndata:\r\n  run.sh: |\r\n    #!/bin/sh\r\n    echo ready\r\n...\r\n"+
		"---\r\n\ufeff# The second file\r\napiVersion: v1\r\nkind: Service\r\nmetadata:\r\n  name: scripts\r\nspec:\r\n  ports:\r\n    - port: 80\r\n---\r\n# Only a comment\r\n\r\n---\r\n")
	s.apply("glued", "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: glued-1\r\n\ufeff---\r\napiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: glued-2\r\n")
	require.Len(t, s.ready("windows").Status.Inventory, 2)
	require.Len(t, s.ready("glued").Status.Inventory, 2)
	scripts := testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "scripts", nil)
	require.Equal(t, "#!/bin/sh\necho ready\n", scripts.Data["run.sh"])
}

func TestAMergeKeyMayBeOverridden(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: &labels {app: shop, tier: front}}\ndata: {<<: *labels, tier: back}\n")
	s.ready("blob")
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "a", func(c *corev1.ConfigMap) bool { return c.Data["app"] == "shop" && c.Data["tier"] == "back" })
}
