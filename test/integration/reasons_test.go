package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// Pods are replaced for a reason only.

const rolling = `
kind: KubernetesConfigVolumeMount
metadata: {name: settings}
spec: {slice: web, configMap: settings, mountPath: /etc/settings}
---
kind: KubernetesSecretVolumeMount
metadata: {name: keys}
spec: {slice: web, secret: keys, mountPath: /etc/keys}
---` + webSlice + `  controllerReplicaCount: 1
  rolloutOnChange: true
`

// contentOf is the source of one of both mounts, with a value.
func contentOf(source, value, more string) string {
	if source == "KubernetesConfigMap" {
		return fmt.Sprintf("kind: KubernetesConfigMap\nmetadata: {name: settings}\nspec: {trustDomain: $domain, data: {color: %s}%s}\n", value, more)
	}
	return fmt.Sprintf("kind: KubernetesSecret\nmetadata: {name: keys}\nspec: {trustDomain: $domain, stringData: {color: %s}%s}\n", value, more)
}

func TestPodsAreRolledForAnotherContentOnly(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"KubernetesConfigMap", "KubernetesSecret"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			s := sameNamespace(t)
			name := map[string]string{"KubernetesConfigMap": "settings", "KubernetesSecret": "keys"}[source]
			patch := func(native string) {
				var err error
				if source == "KubernetesConfigMap" {
					_, err = s.configMaps().Patch(t.Context(), name, types.MergePatchType, []byte(native), metav1.PatchOptions{})
				} else {
					_, err = s.secrets().Patch(t.Context(), name, types.MergePatchType, []byte(native), metav1.PatchOptions{})
				}
				require.NoError(t, err)
			}
			s.apply(contentOf("KubernetesConfigMap", "blue", "") + "---\n" + contentOf("KubernetesSecret", "blue", "") + "---" + rolling)
			s.ready("Slice", "web")
			before := s.deployment("web", func(d *appsv1.Deployment) bool { return revision(d) != "" && d.Status.ReadyReplicas == 1 })
			require.EqualValues(t, 1, before.Generation, "it was made once, as it is")

			for what, act := range map[string]func(){
				"it was deleted and came back": func() {
					s.delete(source, name)
					s.unready("Slice", "web", xosv1.ReasonReferenceNotFound)
					s.apply(contentOf(source, "blue", ""))
				},
				"its deletion policy was changed": func() { s.apply(contentOf(source, "blue", ", deletionPolicy: Orphan")) },
				"its adoption policy was changed": func() { s.apply(contentOf(source, "blue", ", adopt: IfUnowned")) },
				"its annotations were overwritten": func() {
					patch(fmt.Sprintf(`{"metadata":{"annotations":{%q:"other"}}}`, xosv1.AppliedAnnotation))
				},
				"its content was, by another client": func() {
					patch(map[string]string{"KubernetesConfigMap": `{"data":{"color":"red"}}`, "KubernetesSecret": `{"data":{"color":"cmVk"}}`}[source])
				},
				"another client added to it": func() {
					patch(map[string]string{"KubernetesConfigMap": `{"data":{"other":"red"}}`, "KubernetesSecret": `{"data":{"other":"cmVk"}}`}[source])
				},
			} {
				act()
				s.ready(source, name)
				s.ready("Slice", "web")
				s.settled(0)
				require.Equal(t, before.Generation, s.deployment("web", nil).Generation, what)
			}

			s.apply(contentOf(source, "green", ""))
			s.deployment("web", func(d *appsv1.Deployment) bool { return revision(d) != revision(before) })
			s.ready("Slice", "web")
			s.settled(0)
			require.EqualValues(t, before.Generation+1, s.deployment("web", nil).Generation, "once")
		})
	}
}

// A user that applies one file expects each of its pods to be created once.
func TestWhatIsAppliedInOneFileHasItsPodsMadeOnceInWhateverOrder(t *testing.T) {
	t.Parallel()
	const mount = `
kind: KubernetesConfigVolumeMount
metadata: {name: settings}
spec: {%s, configMap: settings, mountPath: /etc/settings}
`
	for name, target := range map[string]struct{ manifest, mount string }{
		"an instance": {web, fmt.Sprintf(mount, "serviceInstance: web")},
		"a slice":     {webSlice + "  controllerReplicaCount: 1\n", fmt.Sprintf(mount, "slice: web")},
		"an instance of a slice": {`
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {slice: web, imageReference: "registry.k8s.io/pause:3.9"}
---
kind: Slice
metadata: {name: web}
spec: {trustDomain: $domain}
`, fmt.Sprintf(mount, "slice: web")},
	} {
		for order, parts := range map[string][]string{
			"the pods first": {target.manifest, target.mount, settings},
			"the pods last":  {settings, target.mount, target.manifest},
			"in the middle":  {settings, target.manifest, target.mount},
		} {
			t.Run(name+", "+order, func(t *testing.T) {
				t.Parallel()
				s := sameNamespace(t)
				s.apply(parts[0] + "---" + parts[1] + "---" + parts[2])
				s.ready("KubernetesConfigVolumeMount", "settings")
				if name != "an instance of a slice" {
					s.ready(map[string]string{"an instance": "KubernetesServiceInstance", "a slice": "Slice"}[name], "web")
				} else {
					s.ready("KubernetesServiceInstance", "web")
				}
				sent := s.settled(0)
				require.Empty(t, sent.Of("delete", "pods").Lines())
				require.Empty(t, sent.Of("apply", "deployments").Lines())
				require.Len(t, append(sent.Of("create", "pods"), sent.Of("create", "deployments")...), 1)
				pods, err := s.pods().List(t.Context(), metav1.ListOptions{})
				require.NoError(t, err)
				require.Len(t, pods.Items, 1)
				require.Equal(t, map[string]string{"/etc/settings": "configmap settings"}, places(&pods.Items[0]))
			})
		}
	}
}

func TestAPodWithOverwrittenAnnotationsIsNotReplaced(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	pod := s.start(web)
	for _, key := range []string{xosv1.FixedAnnotation, xosv1.MutableAnnotation, xosv1.AppliedAnnotation} {
		_, err := s.pods().Patch(t.Context(), "web", types.MergePatchType, []byte(fmt.Sprintf(`{"metadata":{"annotations":{%q:"other"}}}`, key)), metav1.PatchOptions{})
		require.NoError(t, err)
		s.until("the annotation is restored", func() bool {
			now := testkit.Must(s, s.pods().Get, "web")
			require.Equal(t, pod.UID, now.UID, key)
			return now.Annotations[key] == pod.Annotations[key]
		})
	}
	s.ready("KubernetesServiceInstance", "web")
}
