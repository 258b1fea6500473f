package observe

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Job observes a Job.
func Job(j *batchv1.Job) Workload {
	w := Workload{
		Desired: wantedAtOnce(j), Current: j.Status.Active, Updated: j.Status.Active, Ready: ptr.Deref(j.Status.Ready, 0),
		Selector: selector(j.Spec.Selector), Observed: true,
		Expires: j.Spec.TTLSecondsAfterFinished != nil,
	}
	for _, c := range j.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		switch c.Type {
		case batchv1.JobComplete:
			w.Complete = true
		case batchv1.JobFailed:
			w.Failed, w.Failure = true, Sentence(c.Reason, Brief(c.Message), "")
		}
	}
	return w
}

// Finished returns whether a Job has finished and expires, so that the cluster deletes it.
func Finished(j *batchv1.Job) bool { return j.Spec.TTLSecondsAfterFinished != nil && ended(j) }

// wantedAtOnce returns the number of pods that a job currently wants to run: no more than have
// still to succeed, and none if it is suspended or finished.
func wantedAtOnce(j *batchv1.Job) int32 {
	if ptr.Deref(j.Spec.Suspend, false) || ended(j) {
		return 0
	}
	wanted := ptr.Deref(j.Spec.Parallelism, 1)
	if j.Spec.Completions != nil {
		wanted = min(wanted, *j.Spec.Completions-j.Status.Succeeded)
	}
	return max(wanted, 0)
}

func ended(j *batchv1.Job) bool {
	for _, c := range j.Status.Conditions {
		if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

// CronJob observes a CronJob: it is ready as soon as it exists, and its jobs come and go with the
// schedule. See WithRuns.
func CronJob(c *batchv1.CronJob) Workload {
	return Workload{Observed: true, Complete: true, Mounted: c.Spec.JobTemplate.Spec.Template.Annotations[xosv1.RevisionAnnotation]}
}

// WithRuns adds the jobs that a CronJob has created: it counts the pods of active jobs, and of the
// finished ones the newest decides whether the CronJob succeeds.
func (w Workload) WithRuns(jobs []*batchv1.Job) Workload {
	var last *batchv1.Job
	for _, j := range jobs {
		if ended(j) {
			if last == nil || last.CreationTimestamp.Before(&j.CreationTimestamp) {
				last = j
			}
			continue
		}
		run := Job(j)
		w.Desired += run.Desired
		w.Current += run.Current
		w.Updated += run.Updated
		w.Ready += run.Ready
	}
	if last != nil {
		if run := Job(last); run.Failed {
			w.Failure = Sentence("its latest job to end, "+last.Name+", failed", run.Failure, "")
		}
	}
	return w
}
