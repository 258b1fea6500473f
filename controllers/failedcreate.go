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

// StatefulSets, DaemonSets and Jobs report only in Events that the server rejected one of their
// pods, and CronJobs that it rejected a job. The functions below find those Events, and the jobs
// of CronJobs.

// byInvolved finds Events by the namespace and the UID of their involved object, byCronJob finds
// jobs by those of the CronJob that created them. The namespace is part of the key because a UID
// is text, which any author of Events may write in a namespace of their own.
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

// cronJobOf returns the CronJob that created a job, or nil.
func cronJobOf(j *batchv1.Job) *metav1.OwnerReference {
	if owner := metav1.GetControllerOfNoCopy(j); owner != nil && owner.Kind == xosv1.ControllerKindCronJob {
		return owner
	}
	return nil
}

// runsOf returns the jobs that a CronJob in a namespace has created.
func runsOf(c *cluster.Cluster, namespace string, runner types.UID) []*batchv1.Job {
	if runner == "" {
		return nil
	}
	return c.Jobs.ByIndex(byCronJob, cache.NewObjectName(namespace, string(runner)).String())
}

// failedCreateEventsOf returns the FailedCreate Events of a workload in a namespace and of its
// runs.
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

// sliceOfJob returns the slice whose CronJob created a job, as its labels name it.
func sliceOfJob(j *batchv1.Job) []string {
	if cronJobOf(j) == nil {
		return nil
	}
	return labelledSlice(j)
}

// sliceOfFailedCreate returns the slice whose workload an Event is about: one that has the
// workload's name, in any namespace. For a job it is the slice of the job's labels; a job that is
// not cached yet enqueues the slice when it arrives.
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
