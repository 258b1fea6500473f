package managedfields_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/controllers/managedfields"
)

func TestInherit(t *testing.T) {
	entry := func(manager, fields, subresource string, operation metav1.ManagedFieldsOperationType) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: operation, Subresource: subresource, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	const applied, updated = metav1.ManagedFieldsOperationApply, metav1.ManagedFieldsOperationUpdate
	const a, b, both = `{"f:data":{"f:a":{}}}`, `{"f:data":{"f:b":{}}}`, `{"f:data":{"f:a":{},"f:b":{}}}`
	own := entry("us", a, "", applied)
	for sentence, test := range map[string]struct {
		others, want []metav1.ManagedFieldsEntry
	}{
		"nobody":                            {nil, nil},
		"kubectl apply":                     {[]metav1.ManagedFieldsEntry{entry("kubectl-client-side-apply", a, "", updated)}, nil},
		"kubectl create":                    {[]metav1.ManagedFieldsEntry{entry("kubectl-create", a, "", updated)}, nil},
		"kubectl edit":                      {[]metav1.ManagedFieldsEntry{entry("kubectl-edit", a, "", updated)}, nil},
		"helm":                              {[]metav1.ManagedFieldsEntry{entry("helm", a, "", updated)}, nil},
		"before anybody was recorded":       {[]metav1.ManagedFieldsEntry{entry("before-first-apply", a, "", updated)}, nil},
		"what we do not declare":            {[]metav1.ManagedFieldsEntry{entry("kubectl-create", both, "", updated)}, []metav1.ManagedFieldsEntry{entry("kubectl-create", b, "", updated)}},
		"nothing of ours":                   {[]metav1.ManagedFieldsEntry{entry("kubectl-create", b, "", updated)}, []metav1.ManagedFieldsEntry{entry("kubectl-create", b, "", updated)}},
		"kubectl apply --server-side":       {[]metav1.ManagedFieldsEntry{entry("kubectl", a, "", applied)}, []metav1.ManagedFieldsEntry{entry("kubectl", a, "", applied)}},
		"another applier":                   {[]metav1.ManagedFieldsEntry{entry("kustomize-controller", a, "", applied)}, []metav1.ManagedFieldsEntry{entry("kustomize-controller", a, "", applied)}},
		"a controller":                      {[]metav1.ManagedFieldsEntry{entry("kube-controller-manager", a, "", updated)}, []metav1.ManagedFieldsEntry{entry("kube-controller-manager", a, "", updated)}},
		"kubectl scale":                     {[]metav1.ManagedFieldsEntry{entry("kubectl", a, "scale", updated)}, []metav1.ManagedFieldsEntry{entry("kubectl", a, "scale", updated)}},
		"a map that has nothing of its own": {[]metav1.ManagedFieldsEntry{entry("kubectl-create", `{"f:data":{".":{},"f:a":{}}}`, "", updated)}, []metav1.ManagedFieldsEntry{entry("kubectl-create", `{"f:data":{}}`, "", updated)}},
	} {
		t.Run(sentence, func(t *testing.T) {
			left, changed, err := managedfields.Inherit(append([]metav1.ManagedFieldsEntry{own}, test.others...), "us")
			require.NoError(t, err)
			require.Equal(t, append([]metav1.ManagedFieldsEntry{own}, test.want...), left)
			require.Equal(t, len(test.others) != len(test.want) || (len(test.want) > 0 && test.others[0].FieldsV1.GetRawString() != test.want[0].FieldsV1.GetRawString()), changed)
		})
	}
	_, changed, err := managedfields.Inherit([]metav1.ManagedFieldsEntry{entry("kubectl-create", a, "", updated)}, "us")
	require.NoError(t, err)
	require.False(t, changed, "who has applied nothing inherits nothing")
	_, _, err = managedfields.Inherit([]metav1.ManagedFieldsEntry{own, entry("kubectl-create", "[", "", updated)}, "us")
	require.ErrorContains(t, err, "kubectl-create")
}
