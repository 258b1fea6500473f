package manifest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
)

func TestAStatusIsReadAsWellAsItCanBe(t *testing.T) {
	const unread = " can't be read, and does not count"
	for status, want := range map[string]struct {
		health  xosv1.Health
		message string
	}{
		`{}`:                            {xosv1.HealthCurrent, ""},
		`{observedGeneration: 2}`:       {xosv1.HealthCurrent, ""},
		`{observedGeneration: "2"}`:     {xosv1.HealthCurrent, ""},
		`{observedGeneration: " 2 "}`:   {xosv1.HealthCurrent, ""},
		`{observedGeneration: "1"}`:     {xosv1.HealthInProgress, "Gate generation is 2, but latest observed generation is 1"},
		`{observedGeneration: 2.5}`:     {xosv1.HealthCurrent, "status.observedGeneration" + unread},
		`{observedGeneration: two}`:     {xosv1.HealthCurrent, "status.observedGeneration" + unread},
		`{observedGeneration: [2]}`:     {xosv1.HealthCurrent, "status.observedGeneration" + unread},
		`{observedGeneration: null}`:    {xosv1.HealthCurrent, "status.observedGeneration" + unread},
		`fine`:                          {xosv1.HealthCurrent, "status" + unread},
		`[fine]`:                        {xosv1.HealthCurrent, "status" + unread},
		`{conditions: null}`:            {xosv1.HealthCurrent, ""},
		`{conditions: none}`:            {xosv1.HealthCurrent, "status.conditions" + unread},
		`{conditions: {ready: "yes"}}`:  {xosv1.HealthCurrent, "status.conditions" + unread},
		`{conditions: {Ready: "True"}}`: {xosv1.HealthCurrent, ""},
		`{conditions: {Ready: false}}`:  {xosv1.HealthInProgress, ""},
		`{conditions: {Ready: {status: "False", message: no water}}}`:                         {xosv1.HealthInProgress, "no water"},
		`{conditions: [{type: Ready, status: false, message: no water}]}`:                     {xosv1.HealthInProgress, "no water"},
		`{conditions: [{type: Ready, status: "False", reason: 7}]}`:                           {xosv1.HealthInProgress, ""},
		`{conditions: [ready, {type: Ready, status: "True"}]}`:                                {xosv1.HealthCurrent, "status.conditions" + unread},
		`{conditions: [{type: Stalled, status: true, message: broken}]}`:                      {xosv1.HealthFailed, "broken"},
		`{observedGeneration: x, conditions: 1}`:                                              {xosv1.HealthCurrent, "status.observedGeneration and status.conditions" + unread},
		`{observedGeneration: "2", conditions: [{type: Ready, status: "False", message: m}]}`: {xosv1.HealthInProgress, "m"},
	} {
		t.Run(status, func(t *testing.T) {
			gate := &unstructured.Unstructured{}
			require.NoError(t, yaml.Unmarshal([]byte("apiVersion: example.org/v1\nkind: Gate\nmetadata: {name: main}\nstatus: "+status), &gate.Object))
			gate.SetGeneration(2)
			before := gate.DeepCopy()
			health, message := manifest.Health(gate)
			assert.Equal(t, want.health, health)
			assert.Equal(t, want.message, message)
			assert.Equal(t, before, gate, "what was read is the cache's")
		})
	}
}

func TestAPausedDeploymentTellsThatItIs(t *testing.T) {
	health := func(paused, status string) (xosv1.Health, string) {
		d := &unstructured.Unstructured{}
		data, err := yaml.YAMLToJSON([]byte(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, generation: 2}
spec: {replicas: 2, paused: ` + paused + `}
status: {` + status + `}
`))
		require.NoError(t, err)
		require.NoError(t, d.UnmarshalJSON(data))
		return manifest.Health(d)
	}
	const old = "observedGeneration: 2, replicas: 2, updatedReplicas: 0, readyReplicas: 2, availableReplicas: 2"
	for status, want := range map[string]xosv1.Health{
		old: xosv1.HealthFailed,
		"observedGeneration: 2, replicas: 3, updatedReplicas: 1, readyReplicas: 3, availableReplicas: 3": xosv1.HealthFailed,
		"observedGeneration: 2": xosv1.HealthFailed,
		"observedGeneration: 2, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1": xosv1.HealthInProgress,
		"observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2": xosv1.HealthInProgress,
	} {
		state, message := health("true", status)
		assert.Equal(t, want, state, status)
		assert.Regexp(t, "^it is paused: .*; to go on: kubectl rollout resume deployment/web -n shop$", message)
	}
	state, message := health("false", old)
	assert.Equal(t, xosv1.HealthInProgress, state)
	assert.NotContains(t, message, "paused")
}

func TestOnlyAJobWithATimeToLiveExpires(t *testing.T) {
	for text, want := range map[string]bool{
		"{kind: Job, apiVersion: batch/v1, spec: {ttlSecondsAfterFinished: 0}}":             true,
		"{kind: Job, apiVersion: batch/v1, spec: {ttlSecondsAfterFinished: 60}}":            true,
		"{kind: Job, apiVersion: batch/v1, spec: {}}":                                       false,
		"{kind: Job, apiVersion: batch/v1}":                                                 false,
		"{kind: Job, apiVersion: batch/v1, spec: {ttlSecondsAfterFinished: null}}":          false,
		"{kind: Job, apiVersion: batch/v1, spec: {ttlSecondsAfterFinished: soon}}":          false,
		"{kind: Job, apiVersion: example.org/v1, spec: {ttlSecondsAfterFinished: 60}}":      false,
		"{kind: CronJob, apiVersion: batch/v1, spec: {ttlSecondsAfterFinished: 60}}":        false,
		"{kind: Workflow, apiVersion: argoproj.io/v1, spec: {ttlStrategy: {}}}":             false,
		"{kind: ConfigMap, apiVersion: v1, data: {ttlSecondsAfterFinished: '60'}}":          false,
		"{kind: Job, apiVersion: batch/v1beta1, spec: {ttlSecondsAfterFinished: 60}}":       true,
		"{kind: Job, apiVersion: batch/v1, spec: [{ttlSecondsAfterFinished: 60}]}":          false,
		"{kind: Job, apiVersion: batch/v1, spec: {template: {ttlSecondsAfterFinished: 1}}}": false,
	} {
		job := &unstructured.Unstructured{}
		data, err := yaml.YAMLToJSON([]byte(text))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &job.Object))
		assert.Equal(t, want, manifest.Expires(job), text)
	}
}
