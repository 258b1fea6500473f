package manifests

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
)

func TestABlobBeyondALimitIsRefusedWithTheLimit(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	const open = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\n"
	var many strings.Builder
	for i := range manifest.MaxDocuments + 1 {
		fmt.Fprintf(&many, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a%d}}\n---\n", i)
	}
	bomb := "a: &a [" + strings.Repeat("x,", 9) + "]\n"
	for name := 'b'; name <= 'h'; name++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", name, name, strings.Repeat(fmt.Sprintf("*%c,", name-1), 9))
	}
	for name, test := range map[string]struct{ blob, limit string }{
		// The CRD counts characters, the limit is in bytes.
		"bytes":     {open + "data: {text: " + strings.Repeat("é", 600_000) + "}", "the limit is 1048576"},
		"documents": {many.String(), "512 documents, which is the limit"},
		"depth":     {open + "data: {text: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "}", "128 levels, which is the limit"},
		"aliases":   {open + "data:\n" + strings.ReplaceAll("  "+strings.TrimSuffix(bomb, "\n"), "\n", "\n  "), "4194304 bytes with its aliases written out, which is the limit"},
	} {
		t.Run(name, func(t *testing.T) {
			s.apply(name, test.blob)
			refused := s.unready(name, xosv1.ReasonInvalid, test.limit)
			require.Empty(t, refused.Status.Inventory)
		})
	}
	longest := &xosv1.KubernetesResourceInstance{ObjectMeta: metav1.ObjectMeta{Name: "longest"}}
	longest.Spec.ResourceDefinition = open + strings.Repeat("#", 1<<20)
	_, err := s.xos.XosV1().KubernetesResourceInstances(s.domain).Create(t.Context(), longest, metav1.CreateOptions{})
	require.True(t, apierrors.IsInvalid(err), "%v", err)
	require.ErrorContains(t, err, "1048576")
	require.NotContains(t, s.manager.Since(0).In(s.domain).Writes().Lines(), "apply configmaps large")
}
