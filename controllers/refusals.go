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
// about, byRunner finds jobs by those of the CronJob that started them. A UID alone is
// text, which anyone may write in a namespace of their own.
const (
	byInvolved = "involves"
	byRunner   = "run-by"
)

func addRefusalIndexes(c *cluster.Cluster) {
	c.Refusals.AddIndex(byInvolved, involvedIn)
	c.Jobs.AddIndex(byRunner, startedBy)
}

// involvedIn is the index function of byInvolved.
func involvedIn(e *corev1.Event) []string { return named(e.Namespace, string(e.InvolvedObject.UID)) }

// startedBy is the index function of byRunner.
func startedBy(j *batchv1.Job) []string {
	if runner := runnerOf(j); runner != nil {
		return named(j.Namespace, string(runner.UID))
	}
	return nil
}

// runnerOf is the CronJob that started a job; nil where none did.
func runnerOf(j *batchv1.Job) *metav1.OwnerReference {
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
	return c.Jobs.ByIndex(byRunner, cache.NewObjectName(namespace, string(runner)).String())
}

// refusalsOf are the Events about what a workload in a namespace, or one of its runs,
// could not make.
func refusalsOf(c *cluster.Cluster, namespace string, workload types.UID, runs []*batchv1.Job) []*corev1.Event {
	if workload == "" {
		return nil
	}
	about := func(uid types.UID) []*corev1.Event {
		return c.Refusals.ByIndex(byInvolved, cache.NewObjectName(namespace, string(uid)).String())
	}
	events := about(workload)
	for _, run := range runs {
		events = append(events, about(run.UID)...)
	}
	return events
}

// sliceOfRun is the slice whose CronJob started a job, as its labels name it.
func sliceOfRun(j *batchv1.Job) []string {
	if runnerOf(j) == nil {
		return nil
	}
	return labelledSlice(j)
}

// sliceOfRefusal is the slice whose workload an Event is about: one that bears
// the workload's name, in whatever namespace. Of a job, the labels tell; where it
// is not known yet, its arrival has the slice looked at.
func sliceOfRefusal(c *cluster.Cluster) func(*corev1.Event) []string {
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
