package verdict_test

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
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// of is a workload with so many pods: desired, current, updated, ready.
func of(desired, current, updated, ready int32, changes ...func(*verdict.Workload)) *verdict.Workload {
	w := &verdict.Workload{
		Desired: desired, Current: current, Updated: updated, Ready: ready, Observed: true,
		Selector: "a=b",
	}
	for _, change := range changes {
		change(w)
	}
	return w
}

func failing(why string) func(*verdict.Workload) {
	return func(w *verdict.Workload) { w.Failure = why }
}

func complete(w *verdict.Workload)   { w.Complete = true }
func failed(w *verdict.Workload)     { w.Failed = true }
func unobserved(w *verdict.Workload) { w.Observed = false }

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
		in      verdict.SliceInput
		most    *int32
		state   verdict.State
		message string
	}{
		"no workload yet":            {verdict.SliceInput{}, nil, verdict.Progressing, "the Thing is being made"},
		"all pods are ready":         {verdict.SliceInput{Workload: of(2, 2, 2, 2)}, nil, verdict.Ready, "2 of 2 pods are ready"},
		"one that is on its way out": {verdict.SliceInput{Workload: of(2, 2, 2, 2), Terminating: true, Frozen: "spec.x"}, nil, verdict.Progressing, "the Thing is being deleted"},
		"a new spec":                 {verdict.SliceInput{Workload: of(2, 2, 2, 2, unobserved)}, nil, verdict.Progressing, "the Thing takes up its new spec"},
		"pods are missing":           {verdict.SliceInput{Workload: of(2, 1, 1, 1)}, nil, verdict.Progressing, "1 of 2 pods are ready"},
		"pods of an old template":    {verdict.SliceInput{Workload: of(2, 3, 1, 2)}, nil, verdict.Progressing, "1 of 2 pods have the new template"},
		"a pod in trouble":           {verdict.SliceInput{Workload: of(1, 1, 1, 0), Pods: []*corev1.Pod{pulls}}, nil, verdict.Progressing, "0 of 1 pods are ready: container main: ErrImagePull: not found"},
		"one that ends is in none":   {verdict.SliceInput{Workload: of(1, 1, 1, 0), Pods: []*corev1.Pod{pod(waits("ErrImagePull"), ending)}}, nil, verdict.Progressing, "0 of 1 pods are ready"},
		"a failure of its own":       {verdict.SliceInput{Workload: of(1, 0, 0, 0, failing("exceeded quota"))}, nil, verdict.Progressing, "Thing: exceeded quota"},
		"a failure, and a pod in trouble": {verdict.SliceInput{Workload: of(1, 1, 1, 0, failing("timed out")), Pods: []*corev1.Pod{pulls}}, nil, verdict.Progressing,
			"Thing: timed out: container main: ErrImagePull: not found"},
		"a failure that is over":    {verdict.SliceInput{Workload: of(1, 1, 1, 1, failing("exceeded quota"))}, nil, verdict.Ready, "1 of 1 pods are ready"},
		"it has given up":           {verdict.SliceInput{Workload: of(0, 0, 0, 0, failed, failing("too often"))}, nil, verdict.Stalled, "Thing failed: too often"},
		"it has done its work":      {verdict.SliceInput{Workload: of(0, 0, 0, 0, complete)}, nil, verdict.Ready, "the Thing is as specified"},
		"a field that is immutable": {verdict.SliceInput{Workload: of(1, 1, 1, 1), Frozen: "spec.x"}, nil, verdict.Stalled, "spec.x can't be changed in a Thing: take the change back, or set spec.immutableFieldPolicy to Recreate"},
		"more pods than allowed": {verdict.SliceInput{Workload: of(3, 3, 3, 3)}, ptr.To[int32](2), verdict.Stalled,
			"the Thing is to have 3 pods, more than spec.maxInstances, 2: lower the number where it was set, or raise the limit"},
		"as many as allowed": {verdict.SliceInput{Workload: of(2, 2, 2, 2)}, ptr.To[int32](2), verdict.Ready, "2 of 2 pods are ready"},

		"a pod was refused":              {verdict.SliceInput{Workload: of(1, 0, 0, 0), Refusals: []*corev1.Event{refusalEvent(0, "StatefulSet", quota)}}, nil, verdict.Progressing, "Thing: pods: " + because},
		"and another made since":         {verdict.SliceInput{Workload: of(2, 1, 1, 1), Refusals: []*corev1.Event{refusalEvent(0, "StatefulSet", quota)}, Pods: []*corev1.Pod{pod(made(1))}}, nil, verdict.Progressing, "1 of 2 pods are ready"},
		"and another made before":        {verdict.SliceInput{Workload: of(2, 1, 1, 1), Refusals: []*corev1.Event{refusalEvent(1, "StatefulSet", quota)}, Pods: []*corev1.Pod{pod(made(1))}}, nil, verdict.Progressing, "Thing: pods: " + because},
		"the newest refusal counts":      {verdict.SliceInput{Workload: of(1, 0, 0, 0), Refusals: []*corev1.Event{refusalEvent(2, "Job", "new"), refusalEvent(1, "Job", "old")}}, nil, verdict.Progressing, "Thing: new"},
		"an old one of a whole workload": {verdict.SliceInput{Workload: of(1, 1, 1, 0), Refusals: []*corev1.Event{refusalEvent(0, "StatefulSet", quota)}}, nil, verdict.Progressing, "0 of 1 pods are ready"},
		"the workload's own word before": {verdict.SliceInput{Workload: of(1, 0, 0, 0, failing("mine")), Refusals: []*corev1.Event{refusalEvent(0, "StatefulSet", quota)}}, nil, verdict.Progressing, "Thing: mine"},
	} {
		t.Run(sentence, func(t *testing.T) {
			slice := &xosv1.Slice{Spec: xosv1.SliceSpec{MaxInstances: test.most}}
			test.in.Kind = "Thing"
			if test.in.Workload != nil {
				test.in.Controller = &xosv1.ControllerReference{Kind: "Thing", Name: "web"}
			}
			got := verdict.Slice(slice, test.in)
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

func TestARefusalIsToldWithoutWhatDiffersFromTryToTry(t *testing.T) {
	for message, want := range map[string]string{
		`Error creating: pods "web-x7f2k" is forbidden: exceeded quota: few`:                                    "pods: forbidden: exceeded quota: few",
		`(combined from similar events): Error creating: pods "web-abcde" is forbidden: exceeded quota: few`:    "pods: forbidden: exceeded quota: few",
		`Error creating: Pod "web-x7f2k" is invalid: spec.hostname: Invalid value`:                              "Pod: invalid: spec.hostname: Invalid value",
		`Error creating job: jobs.batch "web-1" is forbidden: exceeded quota: few`:                              "jobs.batch: forbidden: exceeded quota: few",
		`Create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: violates PodSecurity "r"`: `pods: forbidden: violates PodSecurity "r"`,
		`Create Claim d-web-0 for Pod web-0 in StatefulSet web failed error: the server is busy`:                "the server is busy",
		"something else": "something else",
	} {
		in := verdict.SliceInput{Kind: "Thing", Workload: of(1, 0, 0, 0), Refusals: []*corev1.Event{refusalEvent(0, "Job", message)}}
		assert.Equal(t, "Thing: "+want, verdict.Slice(&xosv1.Slice{}, in).Message)
	}
}

func run(name string, minute int, status batchv1.JobStatus) *batchv1.Job {
	return &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: at(minute)}, Status: status}
}

func finished(kind batchv1.JobConditionType, reason string) batchv1.JobStatus {
	return batchv1.JobStatus{Conditions: []batchv1.JobCondition{{Type: kind, Status: corev1.ConditionTrue, Reason: reason, Message: "m"}}}
}

func TestACronJobIsJudgedByWhatItStarted(t *testing.T) {
	well, ill := finished(batchv1.JobComplete, "Fine"), finished(batchv1.JobFailed, "BackoffLimitExceeded")
	underway := batchv1.JobStatus{Active: 1}
	refusedJob := refusalEvent(2, "CronJob", `Error creating job: jobs.batch "c-2" is forbidden: no`)
	for sentence, test := range map[string]struct {
		in      verdict.SliceInput
		state   verdict.State
		message string
	}{
		"nothing so far":                {verdict.SliceInput{}, verdict.Ready, "the CronJob is as specified"},
		"a job that runs":               {verdict.SliceInput{Runs: []*batchv1.Job{run("c-1", 1, underway)}}, verdict.Ready, "the CronJob is as specified"},
		"its pod is in trouble":         {verdict.SliceInput{Runs: []*batchv1.Job{run("c-1", 1, underway)}, Pods: []*corev1.Pod{pod(waits("ErrImagePull"))}}, verdict.Progressing, "0 of 1 pods are ready: container web: ErrImagePull"},
		"its pod was refused":           {verdict.SliceInput{Runs: []*batchv1.Job{run("c-1", 1, batchv1.JobStatus{})}, Refusals: []*corev1.Event{refusalEvent(1, "Job", "no")}}, verdict.Progressing, "CronJob: no"},
		"a job that failed":             {verdict.SliceInput{Runs: []*batchv1.Job{run("c-1", 1, ill)}}, verdict.Progressing, "CronJob: its latest job to end, c-1, failed: BackoffLimitExceeded: m"},
		"a job that failed before":      {verdict.SliceInput{Runs: []*batchv1.Job{run("c-1", 1, ill), run("c-2", 2, well)}}, verdict.Ready, "the CronJob is as specified"},
		"a job that failed since":       {verdict.SliceInput{Runs: []*batchv1.Job{run("c-2", 2, ill), run("c-1", 1, well)}}, verdict.Progressing, "CronJob: its latest job to end, c-2, failed: BackoffLimitExceeded: m"},
		"a job that could not be made":  {verdict.SliceInput{Runs: []*batchv1.Job{run("c-1", 1, well)}, Refusals: []*corev1.Event{refusedJob}}, verdict.Progressing, "CronJob: jobs.batch: forbidden: no"},
		"a job that could, after that":  {verdict.SliceInput{Runs: []*batchv1.Job{run("c-3", 3, well)}, Refusals: []*corev1.Event{refusedJob}}, verdict.Ready, "the CronJob is as specified"},
		"a job that is refused no more": {verdict.SliceInput{Runs: []*batchv1.Job{run("c-1", 1, underway)}, Refusals: []*corev1.Event{refusalEvent(0, "Job", "no")}}, verdict.Ready, "the CronJob is as specified"},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := verdict.CronJob(&batchv1.CronJob{})
			test.in.Kind, test.in.Workload = "CronJob", &w
			got := verdict.Slice(&xosv1.Slice{}, test.in)
			assert.Equal(t, test.state, got.State)
			assert.Equal(t, test.message, got.Message)
		})
	}
}

func TestADisabledCronJobIsNotAskedWhyItMakesNoJob(t *testing.T) {
	w := verdict.CronJob(&batchv1.CronJob{})
	in := verdict.SliceInput{Kind: "CronJob", Workload: &w, Refusals: []*corev1.Event{refusalEvent(2, "CronJob", "forbidden")}}
	assert.Equal(t, verdict.Progressing, verdict.Slice(&xosv1.Slice{}, in).State)
	assert.Equal(t, verdict.Ready, verdict.Slice(&xosv1.Slice{Spec: xosv1.SliceSpec{Enabled: ptr.To(false)}}, in).State)
}

func TestASliceWithoutAWorkloadCountsItsInstances(t *testing.T) {
	slice := &xosv1.Slice{Status: xosv1.SliceStatus{Replicas: 1, DesiredReplicas: ptr.To[int32](1), ReadyReplicas: 1, UpdatedReplicas: 1, Selector: "a=b"}}
	assert.Equal(t, verdict.Ready, verdict.SliceWithout(slice, 3).State)
	assert.Equal(t, xosv1.SliceStatus{}, slice.Status, "nothing is left of a workload that there was")
	slice.Spec.MaxInstances = ptr.To[int32](2)
	got := verdict.SliceWithout(slice, 3)
	assert.Equal(t, verdict.Stalled, got.State)
	assert.Equal(t, "there are 3 instances, more than spec.maxInstances, 2: the newest have no pods; delete some, or raise the limit", got.Message)
	assert.Equal(t, verdict.Ready, verdict.SliceWithout(slice, 2).State)
}

// An absent number says that it is not known, so a known 0 is written: once, since
// the next pass finds it there.
func TestASliceThatWantsNoPodsSaysSo(t *testing.T) {
	in := verdict.SliceInput{Kind: "Deployment", Workload: of(0, 0, 0, 0), Controller: &xosv1.ControllerReference{Kind: "Deployment", Name: "web"}}
	slice := &xosv1.Slice{}
	verdict.Slice(slice, in)
	written, err := json.Marshal(slice.Status)
	require.NoError(t, err)
	assert.Contains(t, string(written), `"desiredReplicas":0`)

	again := &xosv1.Slice{}
	require.NoError(t, json.Unmarshal(written, &again.Status))
	found := again.DeepCopy()
	verdict.Slice(again, in)
	assert.Equal(t, found.Status, again.Status)

	in.Workload, in.Controller = nil, nil
	verdict.Slice(again, in)
	assert.Nil(t, again.Status.DesiredReplicas)
}

// TestAJobThatIsGoneIsDoneWhereTheClusterTookIt goes through what is seen of a Job, in
// order: the status that one look leaves is what the next finds.
func TestAJobThatIsGoneIsDoneWhereTheClusterTookIt(t *testing.T) {
	expiring := func(w *verdict.Workload) { w.Expires = true }
	job := func(changes ...func(*verdict.Workload)) verdict.SliceInput {
		return verdict.SliceInput{Kind: "Job", Workload: of(0, 0, 0, 0, changes...), Wanted: "one", AsApplied: true}
	}
	ends := func(in verdict.SliceInput) verdict.SliceInput { in.Terminating = true; return in }
	unapplied := func(in verdict.SliceInput) verdict.SliceInput { in.AsApplied = false; return in }
	gone := func(wanted string) verdict.SliceInput { return verdict.SliceInput{Kind: "Job", Wanted: wanted} }
	const done = "the Job has completed, and was deleted as its ttlSecondsAfterFinished says"
	const made, deleted = "the Job is being made", "the Job is being deleted"
	for sentence, test := range map[string]struct {
		looks   []verdict.SliceInput
		state   verdict.State
		message string
	}{
		"completed and gone":                      {[]verdict.SliceInput{job(complete, expiring), gone("one")}, verdict.Ready, done},
		"completed and on its way out":            {[]verdict.SliceInput{ends(job(complete, expiring))}, verdict.Ready, done},
		"seen to end, and gone":                   {[]verdict.SliceInput{ends(job(complete, expiring)), gone("one")}, verdict.Ready, done},
		"gone, and looked at again":               {[]verdict.SliceInput{job(complete, expiring), gone("one"), gone("one")}, verdict.Ready, done},
		"gone, and only looked at":                {[]verdict.SliceInput{job(complete, expiring), gone("")}, verdict.Ready, done},
		"failed and gone":                         {[]verdict.SliceInput{job(failed, failing("BackoffLimitExceeded"), expiring), gone("one")}, verdict.Stalled, "the Job failed, and was deleted as its ttlSecondsAfterFinished says; to have it made again, change the slice: BackoffLimitExceeded"},
		"gone, and another one is wanted":         {[]verdict.SliceInput{job(complete, expiring), gone("two")}, verdict.Progressing, made},
		"of another spec than the slice's":        {[]verdict.SliceInput{unapplied(job(complete, expiring)), gone("one")}, verdict.Progressing, made},
		"gone before it had ended":                {[]verdict.SliceInput{job(expiring), gone("one")}, verdict.Progressing, made},
		"deleted before it had ended":             {[]verdict.SliceInput{ends(job(expiring))}, verdict.Progressing, deleted},
		"without a time to live":                  {[]verdict.SliceInput{job(complete), gone("one")}, verdict.Progressing, made},
		"without a time to live, on its way out":  {[]verdict.SliceInput{ends(job(complete))}, verdict.Progressing, deleted},
		"whose time to live was taken off":        {[]verdict.SliceInput{job(complete, expiring), job(complete), gone("one")}, verdict.Progressing, made},
		"there still":                             {[]verdict.SliceInput{job(complete, expiring)}, verdict.Ready, "the Job is as specified"},
		"followed by one that is under way again": {[]verdict.SliceInput{job(complete, expiring), job(expiring), gone("one")}, verdict.Progressing, made},
	} {
		t.Run(sentence, func(t *testing.T) {
			slice := &xosv1.Slice{}
			var got verdict.Outcome
			for _, look := range test.looks {
				got = verdict.Slice(slice, look)
			}
			assert.Equal(t, test.state, got.State)
			assert.Equal(t, test.message, got.Message)
		})
	}
}
