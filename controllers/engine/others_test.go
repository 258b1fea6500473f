package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestACacheTellsWhichRecordsOthersHaveWrittenTo(t *testing.T) {
	entry := func(manager, subresource, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{
			Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, Subresource: subresource,
			FieldsV1: metav1.NewFieldsV1(fields),
		}
	}
	ours := entry(FieldManager, "", `{"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:xosManaged":{}}}`)
	for sentence, test := range map[string]struct {
		by   metav1.ManagedFieldsEntry
		want bool
	}{
		"nobody but us":                      {ours, false},
		"who sets a field of the spec":       {entry("kubectl", "", `{"f:spec":{".":{},"f:template":{}}}`), true},
		"who sets a label":                   {entry("kubectl-label", "", `{"f:metadata":{"f:labels":{"f:b":{}}}}`), true},
		"who applies with kubectl":           {entry("kubectl-client-side-apply", "", `{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/last-applied-configuration":{}}}}`), true},
		"who hands it over or back":          {entry("kubectl-patch", "", `{"f:spec":{"f:xosManaged":{}}}`), false},
		"who writes its status":              {entry("tool", "status", `{"f:status":{"f:ready":{}}}`), false},
		"who holds it with a finalizer":      {entry("backup", "", `{"f:metadata":{"f:finalizers":{".":{}}}}`), false},
		"who writes what can't be read here": {entry("tool", "", `[]`), true},
	} {
		t.Run(sentence, func(t *testing.T) {
			record := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{
				Labels: map[string]string{xosv1.PulledLabel: "true"}, ManagedFields: []metav1.ManagedFieldsEntry{ours, test.by},
			}}
			Trim(record)
			assert.Equal(t, test.want, WrittenByOthers(record))
			Trim(record)
			assert.Equal(t, test.want, WrittenByOthers(record), "trimmed again")
		})
	}
	for _, o := range []metav1.Object{
		&xosv1.Slice{ObjectMeta: metav1.ObjectMeta{ManagedFields: []metav1.ManagedFieldsEntry{entry("kubectl", "", `{"f:spec":{"f:template":{}}}`)}}},
		&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{xosv1.PulledLabel: "true"},
			ManagedFields: []metav1.ManagedFieldsEntry{entry("kubectl", "", `{"f:spec":{"f:template":{}}}`)}}},
	} {
		Trim(o)
		assert.False(t, WrittenByOthers(o), "%T: of what is no record nothing is kept", o)
	}
}
