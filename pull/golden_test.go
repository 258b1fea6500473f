package pull

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
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
		seen := dependenciesOf(&in.Pod)
		top, err := topController(t.Context(), &in.Pod, among(in.Owners), anyClaim)
		require.NoError(t, err)

		var out bytes.Buffer
		show := func(o xosv1.Object) {
			text, err := yaml.Marshal(o)
			require.NoError(t, err)
			fmt.Fprintf(&out, "--- # %T\n%s", o, text)
		}
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: in.Pod.Namespace, UID: "namespace-uid"}}
		show(trustDomainRecord(namespace.Name, namespace))
		if seen.account != "" {
			show(principalRecord(seen.account, in.Pod.Namespace, seen.account, namespace.Name))
		}
		for _, ref := range seen.images {
			show(imageRecord(ref.objectName(), ref))
		}
		var l links
		if top != nil {
			l.slice = top.sliceNames()[0]
			show(sliceRecord(l.slice, in.Pod.Namespace, top, namespace.Name, seen.account))
		}
		if main, ok := mainImage(&in.Pod); ok {
			l.image = main.objectName()
		}
		instance := instanceRecord(&in.Pod, l)
		observe.ObservePod(&instance.Status, &in.Pod)
		show(instance)
		return out.Bytes()
	})
}

// among is an ownerReader that finds the given objects.
func among(owners []metav1.PartialObjectMetadata) ownerReader {
	return func(_ context.Context, _ string, ref metav1.OwnerReference) (metav1.Object, bool, error) {
		for i := range owners {
			if owners[i].UID == ref.UID {
				return &owners[i], true, nil
			}
		}
		return nil, false, nil
	}
}

// TestEventsAreSentAsTheOriginalSentThem shows each message to the byte.
func TestEventsAreSentAsTheOriginalSentThem(t *testing.T) {
	golden.Cases(t, "testdata/notify", ".txt", func(t *testing.T, input []byte) []byte {
		t.Helper()
		var in struct {
			Pod      corev1.Pod
			Ended    bool
			Delivery *xosv1.Delivery
		}
		require.NoError(t, yaml.UnmarshalStrict(input, &in))
		now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		s := subjectOfPod(&in.Pod)
		var out bytes.Buffer
		for _, status := range owed(in.Delivery, s, in.Ended) {
			m, err := s.message(status, types.UID("cluster-uid"), now)
			require.NoError(t, err)
			fmt.Fprintf(&out, "key: %s\n", m.Key)
			for _, h := range m.Headers {
				fmt.Fprintf(&out, "%s: %s\n", h.Name, h.Value)
			}
			fmt.Fprintf(&out, "\n%s\n\n", m.Value)
		}
		return out.Bytes()
	})
}
