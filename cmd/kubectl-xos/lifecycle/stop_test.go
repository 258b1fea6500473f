package lifecycle

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// object is one of a YAML document.
func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	o := &unstructured.Unstructured{}
	require.NoError(t, json.Unmarshal(data, &o.Object)) // which has numbers as a client has them
	return o
}

func TestSlicesAndServicesAreDisabledAndOthersSuspended(t *testing.T) {
	for _, c := range []struct {
		object      string
		stop, start map[string]any
		stopped     string
	}{
		{"{kind: Slice}", map[string]any{"enabled": false}, map[string]any{}, "stopped"},
		{"{kind: Service, spec: {enabled: true}}", map[string]any{"enabled": false}, map[string]any{}, "stopped"},
		{"{kind: Slice, spec: {enabled: false}}", nil, map[string]any{"enabled": true}, "stopped"},
		{"{kind: Slice, spec: {enabled: false, suspend: true}}", nil, map[string]any{"enabled": true, "suspend": nil}, "stopped"},
		{"{kind: Principal}", map[string]any{"suspend": true}, map[string]any{}, "suspended"},
		{"{kind: KubernetesResourceInstance, spec: {suspend: true}}", nil, map[string]any{"suspend": nil}, "suspended"},
	} {
		o := object(t, c.object)
		stop, err := Stop(o)
		require.NoError(t, err)
		assert.Equal(t, c.stop, stop.Spec, c.object)
		assert.Equal(t, c.stopped, stop.Done, c.object)
		start, err := Start(o)
		require.NoError(t, err)
		assert.Equal(t, c.start, start.Spec, c.object)
	}
}

func TestARecordCantBeStopped(t *testing.T) {
	o := object(t, "{kind: Slice, spec: {xosManaged: false}}")
	for _, err := range []error{second(Stop(o)), second(Start(o)), second(Scale(o))} {
		assert.ErrorContains(t, err, "is a record of what another client manages")
	}
}

func second[T any](_ T, err error) error { return err }

func TestANumberOfWhatIsStoppedIsNoted(t *testing.T) {
	notes, err := Scale(object(t, "{kind: Slice, spec: {enabled: false, suspend: true}}"))
	require.NoError(t, err)
	assert.Len(t, notes, 2)
	assert.Equal(t, int64(-1), Replicas(object(t, "{kind: Slice}")))
	assert.Equal(t, int64(3), Replicas(object(t, "{kind: Slice, spec: {controllerReplicaCount: 3}}")))
}

func TestWhatIsReachedIsWhatTheManagerReports(t *testing.T) {
	const (
		current = "{observedGeneration: 2, replicas: 0, conditions: [{type: Ready, status: 'True', reason: Suspended}]}"
		pods    = "{observedGeneration: 2, replicas: 1, conditions: [{type: Ready, status: 'True', reason: Suspended}]}"
		old     = "{observedGeneration: 1, conditions: [{type: Ready, status: 'True'}]}"
		stalled = "{observedGeneration: 2, conditions: [{type: Ready, status: 'False'}, {type: Stalled, status: 'True', message: no quota}]}"
		paused  = "{observedGeneration: 2, conditions: [{type: Suspended, status: 'True'}]}"
	)
	for _, c := range []struct {
		name, spec, status string
		reached            bool
		failed             string
	}{
		{"disabled", "{enabled: false}", current, true, ""},
		{"pods that end", "{enabled: false}", pods, false, ""},
		{"enabled with pods", "{enabled: true}", pods, true, ""},
		{"not seen yet", "{enabled: true}", old, false, ""},
		{"stalled", "{enabled: true}", stalled, false, "failed: no quota"},
		{"suspended", "{suspend: true}", paused, true, ""},
		{"suspended, not reported yet", "{suspend: true}", current, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			reached, err := Reached(object(t, "{apiVersion: xos.opencord.org/v1, kind: Slice, metadata: {name: web, generation: 2}, spec: "+c.spec+", status: "+c.status+"}"))
			if c.failed != "" {
				assert.EqualError(t, err, c.failed)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.reached, reached)
		})
	}
}
