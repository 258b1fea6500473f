package health

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func condition(kind string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message}
}

// slice is one of generation 2 whose status is of this one.
func slice(observed int64, conditions ...metav1.Condition) *xosv1.Slice {
	s := &xosv1.Slice{}
	s.Generation, s.Status.ObservedGeneration, s.Status.Conditions = 2, observed, conditions
	return s
}

func TestAnObjectIsAsItsConditionsSay(t *testing.T) {
	ready := condition(xosv1.ConditionReady, "True", xosv1.ReasonSucceeded, "ok")
	waits := condition(xosv1.ConditionReady, "False", xosv1.ReasonProgressing, "1 of 2 pods are ready")
	invalid := condition(xosv1.ConditionReady, "False", xosv1.ReasonInvalid, "no image")
	suspended := condition(xosv1.ConditionSuspended, "True", xosv1.ReasonSuspended, "spec.suspend is true")
	deleted := slice(2, ready)
	deleted.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
	undecodable := slice(2, ready)
	undecodable.Status.Undecodable = "spec.maxInstances is not a number"
	for sentence, test := range map[string]struct {
		slice *xosv1.Slice
		want  Health
	}{
		"ready":                        {slice(2, ready), Health{Ready, xosv1.ReasonSucceeded, "ok"}},
		"on its way":                   {slice(2, waits, condition(xosv1.ConditionReconciling, "True", xosv1.ReasonProgressing, "")), Health{Progressing, xosv1.ReasonProgressing, "1 of 2 pods are ready"}},
		"stalled":                      {slice(2, invalid, condition(xosv1.ConditionStalled, "True", xosv1.ReasonInvalid, "")), Health{Failed, xosv1.ReasonInvalid, "no image"}},
		"suspended after it was ready": {slice(2, ready, suspended), Health{Suspended, xosv1.ReasonSucceeded, "ok"}},
		"suspended from its creation":  {slice(2, suspended), Health{Suspended, xosv1.ReasonSuspended, "spec.suspend is true"}},
		"never seen":                   {slice(-1), Health{Unknown, "", "not reconciled yet: no manager has seen it"}},
		"changed since":                {slice(1, ready), Health{Progressing, "", "its last change is not reconciled yet"}},
		"without conditions":           {slice(2), Health{Unknown, "", "it has no condition Ready"}},
		"being deleted":                {deleted, Health{Terminating, xosv1.ReasonSucceeded, "ok"}},
		"undecodable":                  {undecodable, Health{Failed, xosv1.ReasonInvalid, "it can't be decoded: spec.maxInstances is not a number"}},
	} {
		assert.Equal(t, test.want, Of(test.slice), sentence)
	}
}

// TestARecordIsAsWellAsWhatItRecords is about objects whose condition says only that they were recorded.
func TestARecordIsAsWellAsWhatItRecords(t *testing.T) {
	status := xosv1.ObjectStatus{Conditions: []metav1.Condition{condition(xosv1.ConditionReady, "True", xosv1.ReasonInventoried, "recorded")}}
	instance := func(s xosv1.KubernetesServiceInstanceStatus) *xosv1.KubernetesServiceInstance {
		s.ObjectStatus = status
		return &xosv1.KubernetesServiceInstance{Status: s}
	}
	waiting := func(state string) xosv1.KubernetesServiceInstanceStatus {
		return xosv1.KubernetesServiceInstanceStatus{Phase: corev1.PodPending, Containers: []xosv1.ContainerStatus{{Name: "web", State: state}}}
	}
	for sentence, test := range map[string]struct {
		object xosv1.Object
		want   Level
	}{
		"a pod that is ready":        {instance(xosv1.KubernetesServiceInstanceStatus{Phase: corev1.PodRunning, Ready: true}), Ready},
		"a pod that has completed":   {instance(xosv1.KubernetesServiceInstanceStatus{Phase: corev1.PodSucceeded}), Ready},
		"a pod that has failed":      {instance(xosv1.KubernetesServiceInstanceStatus{Phase: corev1.PodFailed}), Failed},
		"a pod that begins":          {instance(waiting("Waiting: ContainerCreating")), Progressing},
		"a pod without its image":    {instance(waiting("Waiting: ErrImagePull")), Failed},
		"a workload without a pod":   {&xosv1.Slice{Status: xosv1.SliceStatus{ObjectStatus: status, DesiredReplicas: ptr.To[int32](2), ReadyReplicas: 1}}, Progressing},
		"a workload":                 {&xosv1.Slice{Status: xosv1.SliceStatus{ObjectStatus: status, DesiredReplicas: ptr.To[int32](2), ReadyReplicas: 2}}, Ready},
		"a node that is not ready":   {&xosv1.KubernetesNode{Status: xosv1.KubernetesNodeStatus{ObjectStatus: status}}, Failed},
		"a node":                     {&xosv1.KubernetesNode{Status: xosv1.KubernetesNodeStatus{ObjectStatus: status, Ready: true}}, Ready},
		"what has no health further": {&xosv1.Image{Status: xosv1.ImageStatus{ObjectStatus: status}}, Ready},
	} {
		assert.Equal(t, test.want, Of(test.object).Level, sentence)
	}
}

func TestOnlyWhatIsReadyOrSuspendedIsWell(t *testing.T) {
	for _, l := range []Level{Ready, Suspended, Progressing, Terminating, Failed, Missing, Unknown} {
		assert.Equal(t, l == Ready || l == Suspended, Health{Level: l}.Well(), l)
	}
}
