package ownership

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestReleasingFieldsLeavesThoseOfOtherManagers(t *testing.T) {
	ours, theirs := metav1.ManagedFieldsEntry{Manager: xosv1.FieldManager}, metav1.ManagedFieldsEntry{Manager: "flux"}
	assert.Equal(t, []metav1.ManagedFieldsEntry{theirs}, Disclaim([]metav1.ManagedFieldsEntry{ours, theirs, ours}, xosv1.FieldManager))
	assert.Equal(t, []metav1.ManagedFieldsEntry{{}}, Disclaim([]metav1.ManagedFieldsEntry{ours}, xosv1.FieldManager), "by which the API empties the list")
}

func TestReleaseLeavesTheRecordsOfAnObjectAsTheyAre(t *testing.T) {
	records := []metav1.ManagedFieldsEntry{{Manager: "us"}, {Manager: "flux"}}
	Disclaim(records, "us")
	assert.Equal(t, []metav1.ManagedFieldsEntry{{Manager: "us"}, {Manager: "flux"}}, records)
}

func TestPatchRemovesTrackingMetadataFromOneVersion(t *testing.T) {
	o := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "x", UID: "u", ResourceVersion: "7", Annotations: Applied("hash", true)}}
	assert.Equal(t, "hash", Fingerprint(o))
	assert.True(t, IsAdopted(o))
	changes := map[string]any{"annotations": WithoutTracking("example.org/other")}
	data, err := MetadataPatch(o, changes)
	require.NoError(t, err)
	assert.JSONEq(t, `{"metadata":{"uid":"u","resourceVersion":"7","annotations":{
		"`+xosv1.OwnerAnnotation+`":null,"`+xosv1.AppliedAnnotation+`":null,"`+xosv1.AdoptedAnnotation+`":null,"example.org/other":null}}}`, string(data))
	assert.Len(t, changes, 1, "what was handed over is not written to")

	var patch struct {
		Metadata struct{ Annotations map[string]*string }
	}
	require.NoError(t, json.Unmarshal(data, &patch))
	for key := range o.Annotations {
		assert.Contains(t, patch.Metadata.Annotations, key, "each annotation that an apply writes is taken off")
	}
	assert.False(t, IsAdopted(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Annotations: Applied("hash", false)}}))
}
