package record

import (
	"testing"

	"github.com/stretchr/testify/assert"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestWhatOthersHaveDoneToARecordIsReadOffItsManagedFields(t *testing.T) {
	const (
		lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
		byKubectl   = `{"f:metadata":{"f:annotations":{"f:` + lastApplied + `":{}}},"f:spec":{".":{},"f:labels":{}}}`
	)
	own := metav1.ManagedFieldsEntry{Manager: xosv1.FieldManager, Operation: metav1.ManagedFieldsOperationUpdate,
		FieldsV1: metav1.NewFieldsV1(`{"f:spec":{".":{},"f:adopt":{},"f:owner":{},"f:xosManaged":{}}}`)}
	by := func(operation metav1.ManagedFieldsOperationType, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: "kubectl", Operation: operation, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	for sentence, test := range map[string]struct {
		by       metav1.ManagedFieldsEntry
		manifest string
		want     Claim
	}{
		"a manifest that the server applied":       {by(metav1.ManagedFieldsOperationApply, `{"f:spec":{"f:labels":{}}}`), "", Claim{true, true, []string{"adopt", "xosManaged"}}},
		"one that says that it is a record":        {by(metav1.ManagedFieldsOperationApply, `{"f:spec":{"f:xosManaged":{}}}`), "", Claim{true, false, []string{"adopt"}}},
		"a manifest that kubectl applied":          {by(metav1.ManagedFieldsOperationUpdate, byKubectl), `{"spec":{"labels":{}}}`, Claim{true, true, []string{"adopt", "xosManaged"}}},
		"one that agrees with what it finds":       {by(metav1.ManagedFieldsOperationUpdate, byKubectl), `{"spec":{"adopt":"IfUnowned"}}`, Claim{true, true, []string{"xosManaged"}}},
		"one whose text alone says it is a record": {by(metav1.ManagedFieldsOperationUpdate, byKubectl), `{"spec":{"xosManaged":false}}`, Claim{true, false, []string{"adopt"}}},
		"a label": {by(metav1.ManagedFieldsOperationUpdate, `{"f:metadata":{"f:labels":{"f:a":{}}}}`), "", Claim{false, true, []string{"adopt", "xosManaged"}}},
		"a status, which is not written by applying": {metav1.ManagedFieldsEntry{Manager: "x", Operation: metav1.ManagedFieldsOperationApply, Subresource: "status", FieldsV1: metav1.NewFieldsV1(`{}`)}, "", Claim{false, true, []string{"adopt", "xosManaged"}}},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := &xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{ManagedFields: []metav1.ManagedFieldsEntry{own, test.by}}}
			if test.manifest != "" {
				d.Annotations = map[string]string{lastApplied: test.manifest}
			}
			assert.Equal(t, test.want, ClaimOn(d))
		})
	}
}
