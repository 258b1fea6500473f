package status_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

// of is a workload with so many pods: desired, current, updated, ready.
func of(desired, current, updated, ready int32, changes ...func(*observe.Workload)) *observe.Workload {
	w := &observe.Workload{
		Desired: desired, Current: current, Updated: updated, Ready: ready, Observed: true,
		Selector: "a=b",
	}
	for _, change := range changes {
		change(w)
	}
	return w
}

func failing(why string) func(*observe.Workload) {
	return func(w *observe.Workload) { w.Failure = why }
}

func complete(w *observe.Workload)   { w.Complete = true }
func failed(w *observe.Workload)     { w.Failed = true }
func unobserved(w *observe.Workload) { w.Observed = false }

// at is a moment of the day on which all of this happens.
func at(minute int) metav1.Time {
	return metav1.NewTime(time.Date(2026, 1, 1, 12, minute, 0, 0, time.UTC))
}

func made(minute int) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.CreationTimestamp = at(minute) }
}

// refusalEvent is an Event about an object of a kind.
func refusalEvent(minute int, kind, message string) *corev1.Event {
	return &corev1.Event{InvolvedObject: corev1.ObjectReference{Kind: kind}, Message: message, LastTimestamp: at(minute)}
}

func TestASliceIsJudgedByItsWorkload(t *testing.T) {
	const quota = `Create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: exceeded quota`
	const because = "forbidden: exceeded quota"
	pulls := pod(waiting("main", "ErrImagePull", "not found"))
	for sentence, test := range map[string]struct {
		in      status.SliceInput
		most    *int32
		state   outcome.State
		message string
	}{
		"no workload yet":            {status.SliceInput{}, nil, outcome.Progressing, "the Thing is being created"},
		"all pods are ready":         {status.SliceInput{Workload: of(2, 2, 2, 2)}, nil, outcome.Ready, "2 of 2 pods are ready"},
		"one that is on its way out": {status.SliceInput{Workload: of(2, 2, 2, 2), Terminating: true, ImmutableFields: "spec.x"}, nil, outcome.Progressing, "the Thing is being deleted"},
		"a new spec":                 {status.SliceInput{Workload: of(2, 2, 2, 2, unobserved)}, nil, outcome.Progressing, "the Thing takes up its new spec"},
		"pods are missing":           {status.SliceInput{Workload: of(2, 1, 1, 1)}, nil, outcome.Progressing, "1 of 2 pods are ready"},
		"pods of an old template":    {status.SliceInput{Workload: of(2, 3, 1, 2)}, nil, outcome.Progressing, "1 of 2 pods have the new template"},
		"a pod in trouble":           {status.SliceInput{Workload: of(1, 1, 1, 0), Pods: []*corev1.Pod{pulls}}, nil, outcome.Progressing, "0 of 1 pods are ready: container main: ErrImagePull: not found"},
		"one that ends is in none":   {status.SliceInput{Workload: of(1, 1, 1, 0), Pods: []*corev1.Pod{pod(waits("ErrImagePull"), ending)}}, nil, outcome.Progressing, "0 of 1 pods are ready"},
		"a failure of its own":       {status.SliceInput{Workload: of(1, 0, 0, 0, failing("exceeded quota"))}, nil, outcome.Progressing, "Thing: exceeded quota"},
		"a failure, and a pod in trouble": {status.SliceInput{Workload: of(1, 1, 1, 0, failing("timed out")), Pods: []*corev1.Pod{pulls}}, nil, outcome.Progressing,
			"Thing: timed out: container main: ErrImagePull: not found"},
		"a failure that is over":    {status.SliceInput{Workload: of(1, 1, 1, 1, failing("exceeded quota"))}, nil, outcome.Ready, "1 of 1 pods are ready"},
		"it has given up":           {status.SliceInput{Workload: of(0, 0, 0, 0, failed, failing("too often"))}, nil, outcome.Stalled, "Thing failed: too often"},
		"it has done its work":      {status.SliceInput{Workload: of(0, 0, 0, 0, complete)}, nil, outcome.Ready, "the Thing is as specified"},
		"a field that is immutable": {status.SliceInput{Workload: of(1, 1, 1, 1), ImmutableFields: "spec.x"}, nil, outcome.Stalled, "spec.x can't be changed in a Thing: take the change back, or set spec.immutableFieldPolicy to Recreate"},
		"more pods than allowed": {status.SliceInput{Workload: of(3, 3, 3, 3)}, ptr.To[int32](2), outcome.Stalled,
			"the Thing is to have 3 pods, more than spec.maxInstances, 2: lower the number where it was set, or raise the limit"},
		"as many as allowed": {status.SliceInput{Workload: of(2, 2, 2, 2)}, ptr.To[int32](2), outcome.Ready, "2 of 2 pods are ready"},

		"a pod was refused":              {status.SliceInput{Workload: of(1, 0, 0, 0), FailedCreate: []*corev1.Event{refusalEvent(0, "StatefulSet", quota)}}, nil, outcome.Progressing, "Thing: pods: " + because},
		"and another made since":         {status.SliceInput{Workload: of(2, 1, 1, 1), FailedCreate: []*corev1.Event{refusalEvent(0, "StatefulSet", quota)}, Pods: []*corev1.Pod{pod(made(1))}}, nil, outcome.Progressing, "1 of 2 pods are ready"},
		"and another made before":        {status.SliceInput{Workload: of(2, 1, 1, 1), FailedCreate: []*corev1.Event{refusalEvent(1, "StatefulSet", quota)}, Pods: []*corev1.Pod{pod(made(1))}}, nil, outcome.Progressing, "Thing: pods: " + because},
		"the newest refusal counts":      {status.SliceInput{Workload: of(1, 0, 0, 0), FailedCreate: []*corev1.Event{refusalEvent(2, "Job", "new"), refusalEvent(1, "Job", "old")}}, nil, outcome.Progressing, "Thing: new"},
		"an old one of a whole workload": {status.SliceInput{Workload: of(1, 1, 1, 0), FailedCreate: []*corev1.Event{refusalEvent(0, "StatefulSet", quota)}}, nil, outcome.Progressing, "0 of 1 pods are ready"},
		"the workload's own word before": {status.SliceInput{Workload: of(1, 0, 0, 0, failing("mine")), FailedCreate: []*corev1.Event{refusalEvent(0, "StatefulSet", quota)}}, nil, outcome.Progressing, "Thing: mine"},
	} {
		t.Run(sentence, func(t *testing.T) {
			slice := &xosv1.Slice{Spec: xosv1.SliceSpec{MaxInstances: test.most}}
			test.in.Kind = "Thing"
			if test.in.Workload != nil {
				test.in.Controller = &xosv1.ControllerReference{Kind: "Thing", Name: "web"}
			}
			got := status.Slice(slice, test.in)
			assert.Equal(t, test.state, got.State)
			assert.Equal(t, test.message, got.Message)
			if w := test.in.Workload; w != nil {
				s := slice.Status
				assert.Equal(t, []int32{w.Desired, w.Current, w.Updated, w.Ready}, []int32{ptr.Deref(s.DesiredReplicas, -1), s.Replicas, s.UpdatedReplicas, s.ReadyReplicas})
				assert.Equal(t, "a=b", s.Selector)
			} else {
				assert.Nil(t, slice.Status.DesiredReplicas)
			}
		})
	}
}

func TestARefusalIsReportedWithoutVaryingDetails(t *testing.T) {
	for message, want := range map[string]string{
		`Error creating: pods "web-x7f2k" is forbidden: exceeded quota: few`:                                    "pods: forbidden: exceeded quota: few",
		`(combined from similar events): Error creating: pods "web-abcde" is forbidden: exceeded quota: few`:    "pods: forbidden: exceeded quota: few",
		`Error creating: Pod "web-x7f2k" is invalid: spec.hostname: Invalid value`:                              "Pod: invalid: spec.hostname: Invalid value",
		`Error creating job: jobs.batch "web-1" is forbidden: exceeded quota: few`:                              "jobs.batch: forbidden: exceeded quota: few",
		`Create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: violates PodSecurity "r"`: `pods: forbidden: violates PodSecurity "r"`,
		`Create Claim d-web-0 for Pod web-0 in StatefulSet web failed error: the server is busy`:                "the server is busy",
		"something else": "something else",
	} {
		in := status.SliceInput{Kind: "Thing", Workload: of(1, 0, 0, 0), FailedCreate: []*corev1.Event{refusalEvent(0, "Job", message)}}
		assert.Equal(t, "Thing: "+want, status.Slice(&xosv1.Slice{}, in).Message)
	}
}

func run(name string, minute int, into batchv1.JobStatus) *batchv1.Job {
	return &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: at(minute)}, Status: into}
}

func TestACronJobIsJudgedByWhatItStarted(t *testing.T) {
	well, ill := finished(batchv1.JobComplete, "Fine"), finished(batchv1.JobFailed, "BackoffLimitExceeded")
	underway := batchv1.JobStatus{Active: 1}
	refusedJob := refusalEvent(2, "CronJob", `Error creating job: jobs.batch "c-2" is forbidden: no`)
	for sentence, test := range map[string]struct {
		in      status.SliceInput
		state   outcome.State
		message string
	}{
		"nothing so far":                {status.SliceInput{}, outcome.Ready, "the CronJob is as specified"},
		"a job that runs":               {status.SliceInput{Jobs: []*batchv1.Job{run("c-1", 1, underway)}}, outcome.Ready, "the CronJob is as specified"},
		"its pod is in trouble":         {status.SliceInput{Jobs: []*batchv1.Job{run("c-1", 1, underway)}, Pods: []*corev1.Pod{pod(waits("ErrImagePull"))}}, outcome.Progressing, "0 of 1 pods are ready: container web: ErrImagePull"},
		"its pod was refused":           {status.SliceInput{Jobs: []*batchv1.Job{run("c-1", 1, batchv1.JobStatus{})}, FailedCreate: []*corev1.Event{refusalEvent(1, "Job", "no")}}, outcome.Progressing, "CronJob: no"},
		"a job that failed":             {status.SliceInput{Jobs: []*batchv1.Job{run("c-1", 1, ill)}}, outcome.Progressing, "CronJob: its latest job to end, c-1, failed: BackoffLimitExceeded: m"},
		"a job that failed before":      {status.SliceInput{Jobs: []*batchv1.Job{run("c-1", 1, ill), run("c-2", 2, well)}}, outcome.Ready, "the CronJob is as specified"},
		"a job that failed since":       {status.SliceInput{Jobs: []*batchv1.Job{run("c-2", 2, ill), run("c-1", 1, well)}}, outcome.Progressing, "CronJob: its latest job to end, c-2, failed: BackoffLimitExceeded: m"},
		"a job that could not be made":  {status.SliceInput{Jobs: []*batchv1.Job{run("c-1", 1, well)}, FailedCreate: []*corev1.Event{refusedJob}}, outcome.Progressing, "CronJob: jobs.batch: forbidden: no"},
		"a job that could, after that":  {status.SliceInput{Jobs: []*batchv1.Job{run("c-3", 3, well)}, FailedCreate: []*corev1.Event{refusedJob}}, outcome.Ready, "the CronJob is as specified"},
		"a job that is refused no more": {status.SliceInput{Jobs: []*batchv1.Job{run("c-1", 1, underway)}, FailedCreate: []*corev1.Event{refusalEvent(0, "Job", "no")}}, outcome.Ready, "the CronJob is as specified"},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := observe.CronJob(&batchv1.CronJob{})
			test.in.Kind, test.in.Workload = "CronJob", &w
			got := status.Slice(&xosv1.Slice{}, test.in)
			assert.Equal(t, test.state, got.State)
			assert.Equal(t, test.message, got.Message)
		})
	}
}

func TestADisabledCronJobIsNotAskedWhyItMakesNoJob(t *testing.T) {
	w := observe.CronJob(&batchv1.CronJob{})
	in := status.SliceInput{Kind: "CronJob", Workload: &w, FailedCreate: []*corev1.Event{refusalEvent(2, "CronJob", "forbidden")}}
	assert.Equal(t, outcome.Progressing, status.Slice(&xosv1.Slice{}, in).State)
	assert.Equal(t, outcome.Ready, status.Slice(&xosv1.Slice{Spec: xosv1.SliceSpec{Enabled: ptr.To(false)}}, in).State)
}

func TestASliceWithoutAWorkloadCountsItsInstances(t *testing.T) {
	slice := &xosv1.Slice{Status: xosv1.SliceStatus{Replicas: 1, DesiredReplicas: ptr.To[int32](1), ReadyReplicas: 1, UpdatedReplicas: 1, Selector: "a=b"}}
	assert.Equal(t, outcome.Ready, status.SliceWithout(slice, 3).State)
	assert.Equal(t, xosv1.SliceStatus{}, slice.Status, "nothing is left of a workload that there was")
	slice.Spec.MaxInstances = ptr.To[int32](2)
	got := status.SliceWithout(slice, 3)
	assert.Equal(t, outcome.Stalled, got.State)
	assert.Equal(t, "there are 3 instances, more than spec.maxInstances, 2: the newest have no pods; delete some, or raise the limit", got.Message)
	assert.Equal(t, outcome.Ready, status.SliceWithout(slice, 2).State)
}

// An absent number says that it is not known, so a known 0 is written: once, since
// the next pass finds it there.
func TestASliceThatWantsNoPodsReportsIt(t *testing.T) {
	in := status.SliceInput{Kind: "Deployment", Workload: of(0, 0, 0, 0), Controller: &xosv1.ControllerReference{Kind: "Deployment", Name: "web"}}
	slice := &xosv1.Slice{}
	status.Slice(slice, in)
	written, err := json.Marshal(slice.Status)
	require.NoError(t, err)
	assert.Contains(t, string(written), `"desiredReplicas":0`)

	again := &xosv1.Slice{}
	require.NoError(t, json.Unmarshal(written, &again.Status))
	found := again.DeepCopy()
	status.Slice(again, in)
	assert.Equal(t, found.Status, again.Status)

	in.Workload, in.Controller = nil, nil
	status.Slice(again, in)
	assert.Nil(t, again.Status.DesiredReplicas)
}

// TestAJobThatIsGoneIsDoneWhereTheClusterTookIt goes through what is seen of a Job, in
// order: the status that one look leaves is what the next finds.
func TestAJobThatIsGoneIsDoneWhereTheClusterTookIt(t *testing.T) {
	expiring := func(w *observe.Workload) { w.Expires = true }
	job := func(changes ...func(*observe.Workload)) status.SliceInput {
		return status.SliceInput{Kind: "Job", Workload: of(0, 0, 0, 0, changes...), Wanted: "one", AsApplied: true}
	}
	ends := func(in status.SliceInput) status.SliceInput { in.Terminating = true; return in }
	unapplied := func(in status.SliceInput) status.SliceInput { in.AsApplied = false; return in }
	gone := func(wanted string) status.SliceInput { return status.SliceInput{Kind: "Job", Wanted: wanted} }
	const done = "the Job has completed, and was deleted as its ttlSecondsAfterFinished says"
	const made, deleted = "the Job is being created", "the Job is being deleted"
	for sentence, test := range map[string]struct {
		looks   []status.SliceInput
		state   outcome.State
		message string
	}{
		"completed and gone":                      {[]status.SliceInput{job(complete, expiring), gone("one")}, outcome.Ready, done},
		"completed and on its way out":            {[]status.SliceInput{ends(job(complete, expiring))}, outcome.Ready, done},
		"seen to end, and gone":                   {[]status.SliceInput{ends(job(complete, expiring)), gone("one")}, outcome.Ready, done},
		"gone, and reconciled again":              {[]status.SliceInput{job(complete, expiring), gone("one"), gone("one")}, outcome.Ready, done},
		"gone, and only reconciled":               {[]status.SliceInput{job(complete, expiring), gone("")}, outcome.Ready, done},
		"failed and gone":                         {[]status.SliceInput{job(failed, failing("BackoffLimitExceeded"), expiring), gone("one")}, outcome.Stalled, "the Job failed, and was deleted as its ttlSecondsAfterFinished says; to have it recreated, change the slice: BackoffLimitExceeded"},
		"gone, and another one is wanted":         {[]status.SliceInput{job(complete, expiring), gone("two")}, outcome.Progressing, made},
		"of another spec than the slice's":        {[]status.SliceInput{unapplied(job(complete, expiring)), gone("one")}, outcome.Progressing, made},
		"gone before it had ended":                {[]status.SliceInput{job(expiring), gone("one")}, outcome.Progressing, made},
		"deleted before it had ended":             {[]status.SliceInput{ends(job(expiring))}, outcome.Progressing, deleted},
		"without a time to live":                  {[]status.SliceInput{job(complete), gone("one")}, outcome.Progressing, made},
		"without a time to live, on its way out":  {[]status.SliceInput{ends(job(complete))}, outcome.Progressing, deleted},
		"whose time to live was taken off":        {[]status.SliceInput{job(complete, expiring), job(complete), gone("one")}, outcome.Progressing, made},
		"there still":                             {[]status.SliceInput{job(complete, expiring)}, outcome.Ready, "the Job is as specified"},
		"followed by one that is under way again": {[]status.SliceInput{job(complete, expiring), job(expiring), gone("one")}, outcome.Progressing, made},
	} {
		t.Run(sentence, func(t *testing.T) {
			slice := &xosv1.Slice{}
			var got outcome.Outcome
			for _, look := range test.looks {
				got = status.Slice(slice, look)
			}
			assert.Equal(t, test.state, got.State)
			assert.Equal(t, test.message, got.Message)
		})
	}
}
