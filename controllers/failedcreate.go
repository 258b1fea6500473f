package controllers

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
)

// +kubebuilder:rbac:groups="",resources=events,verbs=list;watch

// StatefulSets, DaemonSets and Jobs tell in Events alone that the server refused
// a pod of theirs, and CronJobs that it refused a job. This file finds those
// Events, and the jobs of CronJobs.

// byInvolved finds Events by the namespace and the UID of the object that they are
// about, byCronJob finds jobs by those of the CronJob that started them. A UID alone is
// text, which anyone may write in a namespace of their own.
const (
	byInvolved = "involves"
	byCronJob  = "run-by"
)

func addRefusalIndexes(c *cluster.Cluster) {
	c.FailedCreateEvents.AddIndex(byInvolved, involvedIn)
	c.Jobs.AddIndex(byCronJob, startedBy)
}

// involvedIn is the index function of byInvolved.
func involvedIn(e *corev1.Event) []string { return named(e.Namespace, string(e.InvolvedObject.UID)) }

// startedBy is the index function of byCronJob.
func startedBy(j *batchv1.Job) []string {
	if runner := cronJobOf(j); runner != nil {
		return named(j.Namespace, string(runner.UID))
	}
	return nil
}

// cronJobOf is the CronJob that started a job; nil where none did.
func cronJobOf(j *batchv1.Job) *metav1.OwnerReference {
	if owner := metav1.GetControllerOfNoCopy(j); owner != nil && owner.Kind == xosv1.ControllerKindCronJob {
		return owner
	}
	return nil
}

// runsOf are the jobs that a CronJob in a namespace has started.
func runsOf(c *cluster.Cluster, namespace string, runner types.UID) []*batchv1.Job {
	if runner == "" {
		return nil
	}
	return c.Jobs.ByIndex(byCronJob, cache.NewObjectName(namespace, string(runner)).String())
}

// failedCreateEventsOf are the Events about what a workload in a namespace, or one of its runs,
// could not make.
func failedCreateEventsOf(c *cluster.Cluster, namespace string, workload types.UID, runs []*batchv1.Job) []*corev1.Event {
	if workload == "" {
		return nil
	}
	about := func(uid types.UID) []*corev1.Event {
		return c.FailedCreateEvents.ByIndex(byInvolved, cache.NewObjectName(namespace, string(uid)).String())
	}
	events := about(workload)
	for _, run := range runs {
		events = append(events, about(run.UID)...)
	}
	return events
}

// sliceOfJob is the slice whose CronJob started a job, as its labels name it.
func sliceOfJob(j *batchv1.Job) []string {
	if cronJobOf(j) == nil {
		return nil
	}
	return labelledSlice(j)
}

// sliceOfFailedCreate is the slice whose workload an Event is about: one that bears
// the workload's name, in whatever namespace. Of a job, the labels tell; where it
// is not known yet, its arrival has the slice looked at.
func sliceOfFailedCreate(c *cluster.Cluster) func(*corev1.Event) []string {
	return func(e *corev1.Event) []string {
		about := e.InvolvedObject
		switch about.Kind {
		case xosv1.ControllerKindStatefulSet, xosv1.ControllerKindDaemonSet, xosv1.ControllerKindCronJob:
			return named("", about.Name)
		case xosv1.ControllerKindJob:
			if job, ok := c.Jobs.Get(cache.NewObjectName(about.Namespace, about.Name)); ok {
				return labelledSlice(job)
			}
		}
		return nil
	}
}
