package store

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

func TestACacheShowsWhichRecordsOtherClientsWroteTo(t *testing.T) {
	entry := func(manager, subresource, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{
			Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, Subresource: subresource,
			FieldsV1: metav1.NewFieldsV1(fields),
		}
	}
	ours := entry(xosv1.FieldManager, "", `{"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:xosManaged":{}}}`)
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
			assert.Equal(t, test.want, ownership.WrittenByOthers(record))
			Trim(record)
			assert.Equal(t, test.want, ownership.WrittenByOthers(record), "trimmed again")
		})
	}
	for _, o := range []metav1.Object{
		&xosv1.Slice{ObjectMeta: metav1.ObjectMeta{ManagedFields: []metav1.ManagedFieldsEntry{entry("kubectl", "", `{"f:spec":{"f:template":{}}}`)}}},
		&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{xosv1.PulledLabel: "true"},
			ManagedFields: []metav1.ManagedFieldsEntry{entry("kubectl", "", `{"f:spec":{"f:template":{}}}`)}}},
	} {
		Trim(o)
		assert.False(t, ownership.WrittenByOthers(o), "%T: of what is no record nothing is kept", o)
	}
}

func TestACacheShowsWhichRecordsAManifestWasAppliedTo(t *testing.T) {
	entry := func(manager string, operation metav1.ManagedFieldsOperationType, subresource, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: operation, Subresource: subresource, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	const apply, update = metav1.ManagedFieldsOperationApply, metav1.ManagedFieldsOperationUpdate
	const template, both = `{"f:spec":{"f:template":{}}}`, `{"f:spec":{"f:template":{},"f:xosManaged":{}}}`
	byKubectl := entry("kubectl-client-side-apply", update, "", `{"f:metadata":{"f:annotations":{"f:kubectl.kubernetes.io/last-applied-configuration":{}}},"f:spec":{"f:template":{}}}`)
	for sentence, test := range map[string]struct {
		by        metav1.ManagedFieldsEntry
		manifest  string
		want      bool
		byAnother bool
	}{
		"by the server":                           {entry("kubectl", apply, "", template), "", true, true},
		"by the server, as a record":              {entry("kubectl", apply, "", both), "", false, true},
		"by the server, a status":                 {entry("tool", apply, "status", `{"f:status":{"f:ready":{}}}`), "", false, false},
		"by the server, only as a record":         {entry("tool", apply, "", `{"f:spec":{"f:xosManaged":{}}}`), "", false, false},
		"by ourselves":                            {entry(xosv1.FieldManager, apply, "", template), "", false, false},
		"by kubectl":                              {byKubectl, `{"spec":{"template":{}}}`, true, true},
		"by kubectl, as a record":                 {byKubectl, `{"spec":{"template":{},"xosManaged":false}}`, false, true},
		"by kubectl, in words that can't be read": {byKubectl, `-`, true, true},
		"not at all: it was edited":               {entry("kubectl-edit", update, "", template), "", false, true},
		"not at all: a label was set":             {entry("kubectl-label", update, "", `{"f:metadata":{"f:labels":{"f:b":{}}}}`), "", false, true},
		"by what can't be read here":              {entry("tool", apply, "", `[]`), "", false, true},
		"only a finalizer":                        {entry("tool", apply, "", `{"f:metadata":{"f:finalizers":{".":{}}}}`), "", false, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			record := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{
				Labels: map[string]string{xosv1.PulledLabel: "true"}, ManagedFields: []metav1.ManagedFieldsEntry{test.by},
			}}
			if test.manifest != "" {
				record.Annotations = map[string]string{corev1.LastAppliedConfigAnnotation: test.manifest}
			}
			for range 2 { // what is trimmed is trimmed again
				Trim(record)
				assert.Equal(t, test.want, ownership.AppliedByOthers(record))
				assert.Equal(t, test.byAnother, ownership.WrittenByOthers(record))
			}
		})
	}
}
