package pull

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	testingclock "k8s.io/utils/clock/testing"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestOfWhatHasEndedNoMoreIsHeldThanPlacesItsObjects(t *testing.T) {
	clock := testingclock.NewFakePassiveClock(time.Unix(0, 0))
	d := newDepartures(clock)
	large := xosv1.PodTemplate{Spec: corev1.PodSpec{Containers: []corev1.Container{{Args: []string{strings.Repeat("x", 1<<20)}}}}}
	meta := func(uid types.UID) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: uid, Annotations: map[string]string{"a": "b"}, Labels: map[string]string{"c": "d"}}
	}
	i := &xosv1.KubernetesServiceInstance{ObjectMeta: meta("i"), Spec: xosv1.KubernetesServiceInstanceSpec{Slice: "s", Template: &large}}
	i.Status.BackendHandle = "/api/v1/namespaces/domain/pods/web"
	s := &xosv1.Slice{ObjectMeta: meta("s"), Spec: xosv1.SliceSpec{TrustDomain: "domain", Template: &large}}
	d.addInstance(i)
	d.addSlice(s)

	kept, left := d.of("i")
	assert.Equal(t, departureKept, left)
	want := &xosv1.KubernetesServiceInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "i"}}
	want.Spec.Slice, want.Status.BackendHandle = "s", i.Status.BackendHandle
	assert.Equal(t, want, kept)
	kept, _ = d.of("s")
	require.IsType(t, s, kept)
	assert.Nil(t, kept.(*xosv1.Slice).Spec.Template)
	assert.Equal(t, "domain", kept.(*xosv1.Slice).Spec.TrustDomain)
}

func TestWhatHasEndedIsForgottenAfterAMinute(t *testing.T) {
	clock := testingclock.NewFakePassiveClock(time.Unix(0, 0))
	d := newDepartures(clock)
	for n := range 1000 {
		d.addSlice(&xosv1.Slice{ObjectMeta: metav1.ObjectMeta{UID: types.UID(fmt.Sprint(n))}})
		clock.SetTime(clock.Now().Add(time.Second))
	}
	assert.Len(t, d.byUID, int(departureKept/time.Second))
	assert.Len(t, d.order, int(departureKept/time.Second))
	_, left := d.of("999")
	assert.Equal(t, departureKept-time.Second, left)
	_, left = d.of("900")
	assert.Zero(t, left)
}
