package controllers

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

func TestAPodHasAsManyMountsAsItMay(t *testing.T) {
	mountsOf := func(count int) []runtime.Object {
		var all []runtime.Object
		for i := range count {
			m := &xosv1.KubernetesConfigVolumeMount{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: fmt.Sprint("m-", i)}}
			m.Spec.Slice, m.Spec.ConfigMap, m.Spec.MountPath = "web", "settings", fmt.Sprint("/m/", i)
			all = append(all, m)
		}
		return all
	}
	target := targets("team", xosv1.VolumeMount{Slice: "web"})
	require.NoError(t, fewMounts(holding(t, mountsOf(maxMounts)...), target))

	_, err := usableMounts(holding(t, mountsOf(maxMounts+1)...), "team", target)
	reached, failed := outcome.FromErrors(err)
	require.True(t, failed)
	assert.Equal(t, xosv1.ReasonInvalid, reached.Reason, reached.Message)
	assert.Contains(t, reached.Message, "more than 256 mounts")
}

// TestWhatIsSaidInAnotherNamespaceIsNotOfThisOne shows that an Event or a Job is a
// workload's only in the workload's own namespace, whatever UID it names.
func TestWhatIsSaidInAnotherNamespaceIsNotOfThisOne(t *testing.T) {
	said := &corev1.Event{ObjectMeta: metav1.ObjectMeta{Namespace: "other"}, InvolvedObject: corev1.ObjectReference{UID: "theirs"}}
	assert.Equal(t, []string{"other/theirs"}, involvedIn(said))
	run := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: "other", OwnerReferences: []metav1.OwnerReference{
		{APIVersion: "batch/v1", Kind: xosv1.ControllerKindCronJob, Name: "nightly", UID: "theirs", Controller: ptr.To(true)},
	}}}
	assert.Equal(t, []string{"other/theirs"}, startedBy(run))
	assert.Empty(t, startedBy(&batchv1.Job{}))

	c := holding(t)
	assert.Empty(t, runsOf(c, "shop", "theirs"))
	assert.Empty(t, failedCreateEventsOf(c, "shop", "theirs", nil))
}

func TestANewTargetWaitsForItsMounts(t *testing.T) {
	mount := &xosv1.KubernetesConfigVolumeMount{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "settings"},
		Spec:       xosv1.KubernetesConfigVolumeMountSpec{ConfigMap: "settings", VolumeMount: xosv1.VolumeMount{Slice: "web", MountPath: "/etc"}},
	}
	c := holding(t, mount)
	assert.Equal(t, nextMount, awaitMounts(c, prefixed("slice/", named("shop", "web"))), "one is there: its file may have more")
	assert.Equal(t, firstMount, awaitMounts(c, prefixed("slice/", named("shop", "other"))))
}
