package observe_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

// counts are what a workload shows: desired, current, updated, ready.
func counts(w observe.Workload) [4]int32 { return [4]int32{w.Desired, w.Current, w.Updated, w.Ready} }

func TestEachKindOfWorkloadIsReadAlike(t *testing.T) {
	selector := &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}
	for kind, w := range map[string]observe.Workload{
		"Deployment": observe.Deployment(&appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: ptr.To[int32](4), Selector: selector},
			Status: appsv1.DeploymentStatus{Replicas: 3, UpdatedReplicas: 2, ReadyReplicas: 1}}),
		"StatefulSet": observe.StatefulSet(&appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{Replicas: ptr.To[int32](4), Selector: selector},
			Status: appsv1.StatefulSetStatus{Replicas: 3, UpdatedReplicas: 2, ReadyReplicas: 1}}),
		"DaemonSet": observe.DaemonSet(&appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{Selector: selector},
			Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: 4, CurrentNumberScheduled: 3, UpdatedNumberScheduled: 2, NumberReady: 1}}),
	} {
		assert.Equal(t, [4]int32{4, 3, 2, 1}, counts(w), kind)
		assert.Equal(t, "a=b", w.Selector, kind)
		assert.True(t, w.Observed, kind)
	}
	// All pods of a ReplicaSet are of its one template.
	assert.Equal(t, [4]int32{4, 3, 3, 1}, counts(observe.ReplicaSet(&appsv1.ReplicaSet{Spec: appsv1.ReplicaSetSpec{Replicas: ptr.To[int32](4)},
		Status: appsv1.ReplicaSetStatus{Replicas: 3, ReadyReplicas: 1}})))
}

func TestAJobWantsNoMorePodsThanHaveStillToSucceed(t *testing.T) {
	for sentence, test := range map[string]struct {
		spec   batchv1.JobSpec
		status batchv1.JobStatus
		want   int32
	}{
		"one where nothing is said":       {batchv1.JobSpec{}, batchv1.JobStatus{}, 1},
		"all at once":                     {batchv1.JobSpec{Parallelism: ptr.To[int32](3)}, batchv1.JobStatus{Succeeded: 1}, 3},
		"what is left":                    {batchv1.JobSpec{Parallelism: ptr.To[int32](3), Completions: ptr.To[int32](4)}, batchv1.JobStatus{Succeeded: 2}, 2},
		"none when all have":              {batchv1.JobSpec{Parallelism: ptr.To[int32](3), Completions: ptr.To[int32](3)}, batchv1.JobStatus{Succeeded: 3}, 0},
		"none while suspended":            {batchv1.JobSpec{Suspend: ptr.To(true)}, batchv1.JobStatus{}, 0},
		"none when it failed":             {batchv1.JobSpec{}, finished(batchv1.JobFailed, "Late"), 0},
		"none when it is done":            {batchv1.JobSpec{}, finished(batchv1.JobComplete, "Fine"), 0},
		"a condition that is not so: one": {batchv1.JobSpec{}, batchv1.JobStatus{Conditions: []batchv1.JobCondition{{Type: batchv1.JobFailed, Status: corev1.ConditionFalse}}}, 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, observe.Job(&batchv1.Job{Spec: test.spec, Status: test.status}).Desired)
		})
	}
	failed := observe.Job(&batchv1.Job{Status: finished(batchv1.JobFailed, "BackoffLimitExceeded")})
	assert.True(t, failed.Failed)
	assert.Equal(t, "BackoffLimitExceeded: m", failed.Failure)
	assert.True(t, observe.Job(&batchv1.Job{Status: finished(batchv1.JobComplete, "Fine")}).Complete)
}

func TestADeploymentReportsThatItsPodsAreRefused(t *testing.T) {
	late := appsv1.DeploymentCondition{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Message: "timed out"}
	refused := appsv1.DeploymentCondition{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Message: `pods "web-1" is forbidden: no`}
	for want, conditions := range map[string][]appsv1.DeploymentCondition{
		"timed out":           {late},
		"pods: forbidden: no": {refused, late},
	} {
		assert.Equal(t, want, observe.Deployment(&appsv1.Deployment{Status: appsv1.DeploymentStatus{Conditions: conditions}}).Failure)
	}
	assert.Equal(t, "pods: forbidden: no", observe.ReplicaSet(&appsv1.ReplicaSet{Status: appsv1.ReplicaSetStatus{Conditions: []appsv1.ReplicaSetCondition{
		{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue, Message: `pods "web-1" is forbidden: no`}}}}).Failure)
}

// Only what was taken over, or changed by hand, has such a strategy.
func TestPodsMayStayOfAnOlderTemplate(t *testing.T) {
	statefulSet := func(kind appsv1.StatefulSetUpdateStrategyType, partition *int32) observe.Workload {
		s := appsv1.StatefulSetSpec{Replicas: ptr.To[int32](3), UpdateStrategy: appsv1.StatefulSetUpdateStrategy{Type: kind}}
		if partition != nil {
			s.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{Partition: partition}
		}
		return observe.StatefulSet(&appsv1.StatefulSet{Spec: s, Status: appsv1.StatefulSetStatus{Replicas: 3, ReadyReplicas: 3, UpdatedReplicas: 1}})
	}
	daemonSet := func(kind appsv1.DaemonSetUpdateStrategyType) observe.Workload {
		return observe.DaemonSet(&appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{UpdateStrategy: appsv1.DaemonSetUpdateStrategy{Type: kind}},
			Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: 3, CurrentNumberScheduled: 3, NumberReady: 3, UpdatedNumberScheduled: 1}})
	}
	for sentence, test := range map[string]struct {
		workload observe.Workload
		state    outcome.State
	}{
		"a StatefulSet rolls all":                     {statefulSet(appsv1.RollingUpdateStatefulSetStrategyType, nil), outcome.Progressing},
		"or those from a number on":                   {statefulSet(appsv1.RollingUpdateStatefulSetStrategyType, ptr.To[int32](2)), outcome.Ready},
		"of which some are still to come":             {statefulSet(appsv1.RollingUpdateStatefulSetStrategyType, ptr.To[int32](1)), outcome.Progressing},
		"or none, until a client deletes them":        {statefulSet(appsv1.OnDeleteStatefulSetStrategyType, nil), outcome.Ready},
		"a DaemonSet rolls all":                       {daemonSet(appsv1.RollingUpdateDaemonSetStrategyType), outcome.Progressing},
		"or none, until a client deletes them, too":   {daemonSet(appsv1.OnDeleteDaemonSetStrategyType), outcome.Ready},
		"a number beyond the pods' rolls none at all": {statefulSet(appsv1.RollingUpdateStatefulSetStrategyType, ptr.To[int32](9)), outcome.Ready},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.state, status.Slice(&xosv1.Slice{}, status.SliceInput{Workload: &test.workload}).State)
		})
	}
}
