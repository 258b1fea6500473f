package store

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	rbacv1ac "k8s.io/client-go/applyconfigurations/rbac/v1"
	"sigs.k8s.io/yaml"
)

// wanted is a pod with a bit of everything that is hard to compare.
const wanted = `
metadata:
  name: web
  namespace: shop
  labels: {app: web}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 0
  containers:
  - name: web
    image: nginx:1.29
    args: [--fast, --safe]
    stdin: false
    resources: {limits: {cpu: 1000m, memory: 1Gi}}
    ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53, protocol: TCP}]
    env: [{name: A, value: ""}, {name: B, value: b}]
    volumeMounts: [{name: v, mountPath: /a, readOnly: false}, {name: v, mountPath: /b, readOnly: true}]
  volumes: [{name: v, emptyDir: {}}]
`

func TestAPodIsCoveredWhereNothingThatIsWantedIsMissing(t *testing.T) {
	for sentence, test := range map[string]struct {
		change func(*corev1.Pod)
		want   bool
	}{
		"as it was made": {func(*corev1.Pod) {}, true},
		"with the server's defaults": {func(p *corev1.Pod) {
			p.UID, p.ResourceVersion, p.Spec.NodeName, p.Spec.DNSPolicy = "u", "7", "node-1", corev1.DNSClusterFirst
			p.Spec.Containers[0].ImagePullPolicy = corev1.PullIfNotPresent
			p.Status.Phase = corev1.PodRunning
		}, true},
		"with a sidecar put before it": {func(p *corev1.Pod) {
			p.Spec.Containers = append([]corev1.Container{{Name: "proxy"}}, p.Spec.Containers...)
		}, true},
		"with a token mounted by admission": {func(p *corev1.Pod) {
			p.Spec.Volumes = append([]corev1.Volume{{Name: "token"}}, p.Spec.Volumes...)
			c := &p.Spec.Containers[0]
			c.VolumeMounts = append([]corev1.VolumeMount{{Name: "token", MountPath: "/token"}}, c.VolumeMounts...)
		}, true},
		"with a label of another client's":    {func(p *corev1.Pod) { p.Labels["team"] = "x" }, true},
		"with a variable of another client's": {func(p *corev1.Pod) { c := &p.Spec.Containers[0]; c.Env = append(c.Env, corev1.EnvVar{Name: "C"}) }, true},
		"without its label":                   {func(p *corev1.Pod) { p.Labels = nil }, false},
		"with another image":                  {func(p *corev1.Pod) { p.Spec.Containers[0].Image = "nginx" }, false},
		"with one argument less":              {func(p *corev1.Pod) { p.Spec.Containers[0].Args = []string{"--fast"} }, false},
		"with one argument more":              {func(p *corev1.Pod) { p.Spec.Containers[0].Args = []string{"--fast", "--safe", "--mad"} }, false},
		"with a variable's other value":       {func(p *corev1.Pod) { p.Spec.Containers[0].Env[0].Value = "x" }, false},
		"without a variable":                  {func(p *corev1.Pod) { p.Spec.Containers[0].Env = p.Spec.Containers[0].Env[1:] }, false},
		"without one of two like ports":       {func(p *corev1.Pod) { p.Spec.Containers[0].Ports = p.Spec.Containers[0].Ports[:1] }, false},
		"with a mount made read-only":         {func(p *corev1.Pod) { p.Spec.Containers[0].VolumeMounts[0].ReadOnly = true }, false},
		"with the token mounted after all":    {func(p *corev1.Pod) { *p.Spec.AutomountServiceAccountToken = true }, false},
		"with the choice of it left open": {func(p *corev1.Pod) {
			p.Spec.TerminationGracePeriodSeconds = new(int64)
			*p.Spec.TerminationGracePeriodSeconds = 30
		}, false},
		"without its container": {func(p *corev1.Pod) { p.Spec.Containers[0].Name = "other" }, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			live, want := &corev1.Pod{}, corev1ac.Pod("web", "shop")
			require.NoError(t, yaml.Unmarshal([]byte(wanted), live))
			require.NoError(t, yaml.Unmarshal([]byte(wanted), want))
			test.change(live)
			data, err := json.Marshal(want)
			require.NoError(t, err)
			assert.Equal(t, test.want, covered(t, live, data))
		})
	}
}

func TestABindingWithASubjectTooManyIsNotCovered(t *testing.T) {
	want, err := json.Marshal(rbacv1ac.RoleBinding("view", "shop").WithSubjects(rbacv1ac.Subject().WithKind("ServiceAccount").WithName("web")))
	require.NoError(t, err)
	live := &rbacv1.RoleBinding{Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "web"}}}
	live.Name, live.Namespace = "view", "shop"
	assert.True(t, covered(t, live, want))
	live.Subjects = append(live.Subjects, rbacv1.Subject{Kind: "User", Name: "mallory"})
	assert.False(t, covered(t, live, want))
}

func covered(t *testing.T, live Object, want []byte) bool {
	t.Helper()
	wanted, there, err := trees(want, live)
	require.NoError(t, err)
	return covers(wanted, there)
}

func TestAFingerprintIsOfWhatIsWantedAndStays(t *testing.T) {
	assert.Equal(t, "RBNvo1WzZ4oRRq0W9-hkng", FingerprintOf([]byte("{}")), "another one would make every object be applied anew")
	assert.NotEqual(t, FingerprintOf([]byte(`{"a":1}`)), FingerprintOf([]byte(`{"a":2}`)))
}
