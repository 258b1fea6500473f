package owners

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/pull/record"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

// TestAPodIsRecorded makes of a pod, and what stands above it, all records that
// an empty cluster would get.
func TestAPodIsRecorded(t *testing.T) {
	golden.Cases(t, "testdata/observe", ".yaml", func(t *testing.T, input []byte) []byte {
		t.Helper()
		var in struct {
			Pod    corev1.Pod
			Owners []metav1.PartialObjectMetadata
		}
		require.NoError(t, yaml.UnmarshalStrict(input, &in))
		seen := record.DependenciesOf(&in.Pod)
		top, err := FindRoot(t.Context(), &in.Pod, among(in.Owners), anyClaim)
		require.NoError(t, err)

		var out bytes.Buffer
		show := func(o xosv1.Object) {
			text, err := yaml.Marshal(o)
			require.NoError(t, err)
			fmt.Fprintf(&out, "--- # %T\n%s", o, text)
		}
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: in.Pod.Namespace, UID: "namespace-uid"}}
		show(record.NewTrustDomain(namespace.Name, namespace))
		if seen.ServiceAccount != "" {
			show(record.NewPrincipal(seen.ServiceAccount, in.Pod.Namespace, seen.ServiceAccount, namespace.Name))
		}
		for _, ref := range seen.Images {
			show(record.NewImage(ref.ObjectName(), ref))
		}
		var l record.References
		if top != nil {
			l.Slice = top.SliceNames()[0]
			show(record.NewSlice(l.Slice, in.Pod.Namespace, top, namespace.Name, seen.ServiceAccount))
		}
		if main, ok := record.MainImage(&in.Pod); ok {
			l.Image = main.ObjectName()
		}
		instance := record.NewInstance(&in.Pod, l)
		observe.Pod(&instance.Status, &in.Pod)
		show(instance)
		return out.Bytes()
	})
}

// among is an Reader that finds the given objects.
func among(owners []metav1.PartialObjectMetadata) Reader {
	return func(_ context.Context, _ string, ref metav1.OwnerReference) (metav1.Object, bool, error) {
		for i := range owners {
			if owners[i].UID == ref.UID {
				return &owners[i], true, nil
			}
		}
		return nil, false, nil
	}
}
