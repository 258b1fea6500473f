package desired_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
)

// specOf is what is wanted of a workload's spec.
func specOf(t *testing.T, configuration any, err error) string {
	t.Helper()
	require.NoError(t, err)
	data, err := yaml.Marshal(configuration)
	require.NoError(t, err)
	var workload struct{ Spec map[string]any }
	require.NoError(t, yaml.Unmarshal(data, &workload))
	text, err := yaml.Marshal(workload.Spec)
	require.NoError(t, err)
	return string(text)
}

func TestAnAdoptedWorkloadHasOnlyTheFieldsOfItsSlice(t *testing.T) {
	slice := func(change func(*xosv1.SliceSpec)) desired.SliceInput {
		s := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Name: "web"}}
		change(&s.Spec)
		return desired.SliceInput{Slice: s, Namespace: domain}
	}
	kinds := map[string]func(*testing.T, desired.SliceInput) string{
		"Deployment": func(t *testing.T, in desired.SliceInput) string {
			t.Helper()
			c, err := desired.Deployment(in)
			return specOf(t, c, err)
		},
		"ReplicaSet": func(t *testing.T, in desired.SliceInput) string {
			t.Helper()
			c, err := desired.ReplicaSet(in)
			return specOf(t, c, err)
		},
		"StatefulSet": func(t *testing.T, in desired.SliceInput) string {
			t.Helper()
			c, err := desired.StatefulSet(in)
			return specOf(t, c, err)
		},
		"DaemonSet": func(t *testing.T, in desired.SliceInput) string {
			t.Helper()
			c, err := desired.DaemonSet(in)
			return specOf(t, c, err)
		},
		"Job": func(t *testing.T, in desired.SliceInput) string {
			t.Helper()
			c, err := desired.Job(in)
			return specOf(t, c, err)
		},
		"CronJob": func(t *testing.T, in desired.SliceInput) string {
			t.Helper()
			c, err := desired.CronJob(in)
			return specOf(t, c, err)
		},
	}
	for kind, want := range kinds {
		assert.Equal(t, "{}\n", want(t, slice(func(*xosv1.SliceSpec) {})), kind)
		fixed, err := desired.ImmutablePart(slice(func(s *xosv1.SliceSpec) { s.ControllerKind = kind }))
		require.NoError(t, err)
		assert.Empty(t, fixed, "what can't be changed in it is not the slice's")
	}
	disabled := slice(func(s *xosv1.SliceSpec) { s.Enabled = new(bool) })
	assert.Equal(t, "replicas: 0\n", kinds["Deployment"](t, disabled))
	assert.Equal(t, "suspend: true\n", kinds["CronJob"](t, disabled))
	count := slice(func(s *xosv1.SliceSpec) { s.ControllerReplicaCount = new(int32(3)) })
	assert.Equal(t, "replicas: 3\n", kinds["StatefulSet"](t, count))
}
