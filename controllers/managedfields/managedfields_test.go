package managedfields

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func TestHeld(t *testing.T) {
	const whole = `{
		"f:metadata": {"f:annotations": {"f:a": {}}, "f:labels": {"f:b": {}}},
		"f:spec": {
			"f:replicas": {},
			"f:args": {},
			"f:ports": {
				"k:{\"port\":53,\"protocol\":\"TCP\"}": {".": {}, "f:name": {}, "f:port": {}, "f:protocol": {}},
				"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}
			},
			"f:finalizers": {"v:\"kubernetes\"": {}},
			"f:empty": {}
		}
	}`
	for name, test := range map[string]struct {
		claim, applied string
		want           bool
	}{
		"all of it":                    {whole, "{kind: A, metadata: {name: n, uid: u, annotations: {a: x}, labels: {b: y}}, spec: {replicas: 1}}", true},
		"an item by its key":           {whole, "{spec: {ports: [{port: 53, protocol: TCP, name: dns}]}}", true},
		"an item with a default":       {whole, "{spec: {ports: [{port: 80}]}}", true},
		"a list that is one value":     {whole, "{spec: {args: [a, b]}}", true},
		"an element of a set":          {whole, "{spec: {finalizers: [kubernetes]}}", true},
		"null declares nothing":        {whole, "{spec: {strategy: null}}", true},
		"an empty mapping":             {whole, "{spec: {empty: {}}}", true},
		"a field that was taken":       {whole, "{spec: {paused: true}}", false},
		"an annotation that was taken": {whole, "{metadata: {annotations: {a: x, c: z}}}", false},
		"a part of an item":            {whole, "{spec: {ports: [{port: 80, name: web}]}}", false},
		"an item that was removed":     {whole, "{spec: {ports: [{port: 81}]}}", false},
		"an element that was removed":  {whole, "{spec: {finalizers: [other]}}", false},
		"everything":                   {`{}`, "{data: {a: b}}", false},
		"a claim that can't be read":   {`[`, "{kind: A}", false},
	} {
		t.Run(name, func(t *testing.T) {
			var applied map[string]any
			require.NoError(t, yaml.Unmarshal([]byte(test.applied), &applied))
			assert.Equal(t, test.want, Held(metav1.NewFieldsV1(test.claim), applied))
		})
	}
	assert.False(t, Held(nil, map[string]any{}), "there is no claim at all")
}

func TestOf(t *testing.T) {
	own := metav1.NewFieldsV1(`{"f:data":{}}`)
	entry := func(manager, subresource string, operation metav1.ManagedFieldsOperationType) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Subresource: subresource, Operation: operation, FieldsV1: own}
	}
	apply, update := metav1.ManagedFieldsOperationApply, metav1.ManagedFieldsOperationUpdate
	assert.Nil(t, Of([]metav1.ManagedFieldsEntry{entry("us", "", update), entry("us", "status", apply), entry("flux", "", apply)}, "us"))
	assert.Equal(t, own, Of([]metav1.ManagedFieldsEntry{entry("flux", "", apply), entry("us", "", apply)}, "us"))
}

func TestOthersAreThoseWhoHoldFieldsBesideUs(t *testing.T) {
	records := []metav1.ManagedFieldsEntry{
		{Manager: "us", Operation: metav1.ManagedFieldsOperationApply},
		{Manager: "kubelet", Operation: metav1.ManagedFieldsOperationUpdate, Subresource: "status"},
	}
	assert.Empty(t, Others(records, "us"), "who reports on an object did not make it")
	records = append(records, metav1.ManagedFieldsEntry{Manager: "kubectl-create", Operation: metav1.ManagedFieldsOperationUpdate})
	assert.Equal(t, []string{"kubectl-create"}, Others(records, "us"))
}
