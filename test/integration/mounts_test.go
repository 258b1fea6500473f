package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// sources are a config map and a secret to mount.
const sources = settings + `
---
kind: KubernetesSecret
metadata: {name: keys}
spec: {trustDomain: $domain, stringData: {password: x}}
`

const configMount = `
kind: KubernetesConfigVolumeMount
metadata: {name: settings}
spec: {configMap: settings, serviceInstance: web, mountPath: /etc/settings}
`

const secretMount = `
kind: KubernetesSecretVolumeMount
metadata: {name: keys}
spec: {secret: keys, serviceInstance: web, mountPath: /etc/keys, defaultMode: 256, items: [{key: password, path: pw}]}
`

// places are where a pod's first container has what mounted.
func places(pod *corev1.Pod) map[string]string {
	sources := map[string]string{}
	for _, v := range pod.Spec.Volumes {
		switch {
		case v.ConfigMap != nil:
			sources[v.Name] = "configmap " + v.ConfigMap.Name
		case v.Secret != nil:
			sources[v.Name] = "secret " + v.Secret.SecretName
		}
	}
	found := map[string]string{}
	for _, m := range pod.Spec.Containers[0].VolumeMounts {
		if source, ok := sources[m.Name]; ok {
			found[m.MountPath] = source
		}
	}
	return found
}

func TestAnInstanceThatIsAppliedWithItsMountsHasThem(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(configMount + "---" + secretMount)
	s.unready("KubernetesConfigVolumeMount", "settings", xosv1.ReasonReferenceNotFound, "KubernetesServiceInstance web does not exist")
	s.apply(web)
	s.unready("KubernetesServiceInstance", "web", xosv1.ReasonReferenceNotFound, "KubernetesConfigMap settings does not exist")
	testkit.AwaitGone(s, s.pods().Get, "web")

	s.apply(sources)
	s.ready("KubernetesServiceInstance", "web")
	s.ready("KubernetesConfigVolumeMount", "settings")
	s.ready("KubernetesSecretVolumeMount", "keys")
	pod := testkit.Must(s, s.pods().Get, "web")
	require.Equal(t, map[string]string{"/etc/settings": "configmap settings", "/etc/keys": "secret keys"}, places(pod))
	for _, v := range pod.Spec.Volumes {
		if v.Secret != nil {
			require.EqualValues(t, 0o400, *v.Secret.DefaultMode)
			require.Equal(t, []corev1.KeyToPath{{Key: "password", Path: "pw"}}, v.Secret.Items)
		}
	}
	require.Len(t, s.settled(0).Of("create", "pods"), 1, "the pod is made once, with all that belongs into it")
}

func TestAMountThatComesOrGoesNeedsAnotherPod(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(sources)
	first := s.start(web)
	require.Empty(t, places(first))

	s.apply(configMount)
	second := s.awaitOther(first)
	require.Equal(t, map[string]string{"/etc/settings": "configmap settings"}, places(second))

	s.delete("KubernetesConfigVolumeMount", "settings")
	require.Empty(t, places(s.awaitOther(second)))
}

func TestAMountIntoASliceIsInThePodsOfItsInstances(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(sources + `---
kind: Slice
metadata: {name: front}
spec: {}
---
kind: KubernetesConfigVolumeMount
metadata: {name: settings}
spec: {configMap: settings, slice: front, mountPath: /etc/settings}`)
	s.ready("KubernetesConfigVolumeMount", "settings")
	first := s.start(`
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {slice: front, imageReference: "registry.k8s.io/pause:3.9"}`)
	require.Equal(t, map[string]string{"/etc/settings": "configmap settings"}, places(first))

	s.delete("KubernetesConfigVolumeMount", "settings")
	require.Empty(t, places(s.awaitOther(first)))
}

func TestNothingIsMountedIntoPodsOfAnotherClient(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(sources + `---
kind: Slice
metadata: {name: theirs}
spec: {xosManaged: false, controllerKind: Deployment}
---
kind: KubernetesConfigVolumeMount
metadata: {name: settings}
spec: {configMap: settings, slice: theirs, mountPath: /etc/settings}`)
	s.unready("KubernetesConfigVolumeMount", "settings", xosv1.ReasonInvalid, "the pods of Slice theirs are created from a template of another client")
}

func TestMountsThatOverlapAreNamedBoth(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(sources)
	first := s.start(web)
	s.apply(configMount + `---
kind: KubernetesSecretVolumeMount
metadata: {name: inner}
spec: {secret: keys, serviceInstance: web, mountPath: /etc/settings/keys}`)
	both := []string{"KubernetesConfigVolumeMount settings (/etc/settings)", "KubernetesSecretVolumeMount inner (/etc/settings/keys)", "overlap"}
	s.unready("KubernetesConfigVolumeMount", "settings", xosv1.ReasonInvalid, both...)
	s.unready("KubernetesSecretVolumeMount", "inner", xosv1.ReasonInvalid, both...)
	s.unready("KubernetesServiceInstance", "web", xosv1.ReasonInvalid, both...)

	s.apply(`
kind: KubernetesSecretVolumeMount
metadata: {name: inner}
spec: {secret: keys, serviceInstance: web, mountPath: /etc/keys}`)
	s.ready("KubernetesConfigVolumeMount", "settings")
	s.ready("KubernetesSecretVolumeMount", "inner")
	require.Len(t, places(s.awaitWith(first, 2)), 2)
}

func TestAMountIntoAnInstanceMeetsThatIntoItsSlice(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	mount := func(name, target, path string) string {
		return fmt.Sprintf("\n---\nkind: KubernetesConfigVolumeMount\nmetadata: {name: %s}\nspec: {configMap: settings, %s, mountPath: %s}", name, target, path)
	}
	s.apply(sources + "---\nkind: Slice\nmetadata: {name: front}\nspec: {}" + mount("all", "slice: front", "/etc/all") + mount("one", "serviceInstance: web", "/etc/all/one") + `
---
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {slice: front, imageReference: "registry.k8s.io/pause:3.9"}`)
	both := []string{"KubernetesConfigVolumeMount all (/etc/all)", "KubernetesConfigVolumeMount one (/etc/all/one)", "overlap"}
	s.unready("KubernetesServiceInstance", "web", xosv1.ReasonInvalid, both...)
	s.unready("KubernetesConfigVolumeMount", "one", xosv1.ReasonInvalid, both...)
	s.ready("KubernetesConfigVolumeMount", "all") // other instances have it
	s.apply(mount("all", "slice: front", "/etc/every"))
	s.ready("KubernetesConfigVolumeMount", "one")
	s.ready("KubernetesServiceInstance", "web")
}

func TestAMountThatIsOnRecordIsNotMade(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	recorded := "\nkind: KubernetesConfigVolumeMount\nmetadata: {name: settings}\nspec: {xosManaged: %t, configMap: settings, serviceInstance: web, mountPath: /etc/settings}"
	s.apply(sources + "---" + fmt.Sprintf(recorded, false))
	s.ready("KubernetesConfigMap", "settings")
	first := s.start(web)
	require.Empty(t, places(first))
	s.apply(fmt.Sprintf(recorded, true))
	require.Len(t, places(s.awaitOther(first)), 1)
}

// awaitWith waits for a pod after another one that has this many mounts.
func (s *env) awaitWith(before *corev1.Pod, mounts int) *corev1.Pod {
	s.Helper()
	return testkit.Await(s, s.pods().Get, before.Name, func(p *corev1.Pod) bool {
		return p.UID != before.UID && p.DeletionTimestamp == nil && len(places(p)) == mounts
	})
}
