package store

import (
	"testing"

	"github.com/stretchr/testify/assert"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

func TestOfManagedFieldsOnlyWhatWeWroteIsKept(t *testing.T) {
	created, applied := metav1.ManagedFieldsOperationUpdate, metav1.ManagedFieldsOperationApply
	entry := func(manager, fields, subresource string, operation metav1.ManagedFieldsOperationType) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: operation, Subresource: subresource, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	kept := func(fields string, operation metav1.ManagedFieldsOperationType) []metav1.ManagedFieldsEntry {
		return []metav1.ManagedFieldsEntry{entry(xosv1.FieldManager, fields, "", operation)}
	}
	const a, b, both = `{"f:data":{"f:a":{}}}`, `{"f:data":{"f:b":{}}}`, `{"f:data":{"f:a":{},"f:b":{}}}`
	for sentence, test := range map[string]struct {
		records   []metav1.ManagedFieldsEntry
		want      []metav1.ManagedFieldsEntry
		unclaimed bool
	}{
		"nothing":                {nil, nil, false},
		"another's":              {[]metav1.ManagedFieldsEntry{entry("x", a, "", created)}, nil, false},
		"our create":             {[]metav1.ManagedFieldsEntry{entry("x", b, "", created), entry(xosv1.FieldManager, a, "", created)}, kept(a, created), true},
		"our apply":              {[]metav1.ManagedFieldsEntry{entry(xosv1.FieldManager, a, "", applied), entry("x", b, "", applied)}, kept(a, applied), false},
		"our report":             {[]metav1.ManagedFieldsEntry{entry(xosv1.FieldManager, a, "status", created)}, nil, false},
		"a create and an apply":  {[]metav1.ManagedFieldsEntry{entry(xosv1.FieldManager, a, "", created), entry(xosv1.FieldManager, b, "", applied)}, kept(both, created), true},
		"one that can't be read": {[]metav1.ManagedFieldsEntry{entry(xosv1.FieldManager, "[", "", created), entry(xosv1.FieldManager, b, "", applied)}, kept(b, created), true},
	} {
		t.Run(sentence, func(t *testing.T) {
			o := version("9", "red")
			o.Annotations = map[string]string{xosv1.OwnerAnnotation: ownership.TrackingID{Owner: ownership.Owner{Kind: "Toy", Name: cache.NewObjectName("shop", "x"), UID: "u"}, Kind: schema.GroupKind{Kind: "ConfigMap"}, Name: cache.MetaObjectToName(o)}.String()}
			o.ManagedFields = test.records
			Trim(o)
			assert.Equal(t, test.want, o.ManagedFields)
			assert.Equal(t, test.unclaimed, Unclaimed(o))
			o.Annotations = nil
			Trim(o)
			assert.Empty(t, o.ManagedFields, "of what is not ours nothing is read")
		})
	}
}
