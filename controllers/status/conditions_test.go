package status_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	kstat "sigs.k8s.io/cli-utils/pkg/kstatus/status"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

// states are all states, by their names, and what each looks like from outside.
var states = map[string]struct {
	state   outcome.State
	holds   []string // conditions that are True
	kstatus kstat.Status
}{
	"Ready":       {outcome.Ready, []string{xosv1.ConditionReady}, kstat.CurrentStatus},
	"Progressing": {outcome.Progressing, []string{xosv1.ConditionReconciling}, kstat.InProgressStatus},
	"Waiting":     {outcome.Waiting, []string{xosv1.ConditionReconciling}, kstat.InProgressStatus},
	"Retrying":    {outcome.Retrying, []string{xosv1.ConditionReconciling}, kstat.InProgressStatus},
	"Stalled":     {outcome.Stalled, []string{xosv1.ConditionStalled}, kstat.FailedStatus},
	"Blocked":     {outcome.Blocked, []string{xosv1.ConditionStalled}, kstat.FailedStatus},
}

var (
	noon  = metav1.NewTime(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC))
	later = metav1.NewTime(noon.Add(time.Hour))
)

func reaching(state outcome.State) outcome.Outcome {
	return outcome.Outcome{State: state, Reason: "Because", Message: "it is so"}
}

func TestKstatusReadsEachStateAsItIsMeant(t *testing.T) {
	for name, test := range states {
		t.Run(name, func(t *testing.T) {
			slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Generation: 3}}
			status.SetConditions(slice.GetObjectStatus(), reaching(test.state), 3, noon)
			assert.Equal(t, test.kstatus, kstatus(t, slice))
			slice.Generation++
			assert.Equal(t, kstat.InProgressStatus, kstatus(t, slice), "once the spec has changed")
		})
	}
}

func TestKstatusReadsAnUnreconciledObjectAsInProgress(t *testing.T) {
	slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Generation: 1}}
	slice.Status.ObservedGeneration = -1 // as the schema defaults it
	assert.Equal(t, kstat.InProgressStatus, kstatus(t, slice))
}

func kstatus(t *testing.T, slice *xosv1.Slice) kstat.Status {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(slice)
	require.NoError(t, err)
	object := &unstructured.Unstructured{Object: content}
	object.SetGroupVersionKind(xosv1.SchemeGroupVersion.WithKind("Slice"))
	result, err := kstat.Compute(object)
	require.NoError(t, err)
	return result.Status
}

// TestEachStateIsTheSameWhateverWasBefore goes from every state to every other.
func TestEachStateIsTheSameWhateverWasBefore(t *testing.T) {
	for from, before := range states {
		for to, after := range states {
			t.Run(from+" to "+to, func(t *testing.T) {
				var s xosv1.ObjectStatus
				status.SetConditions(&s, reaching(before.state), 1, noon)
				status.SetConditions(&s, reaching(after.state), 2, later)
				var holds []string
				for _, c := range s.Conditions {
					assert.EqualValues(t, 2, c.ObservedGeneration, c.Type)
					if c.Status == metav1.ConditionTrue {
						holds = append(holds, c.Type)
					}
				}
				assert.Equal(t, after.holds, holds)
				assert.NotNil(t, meta.FindStatusCondition(s.Conditions, xosv1.ConditionReady), "Ready is always there")
				assert.EqualValues(t, 2, s.ObservedGeneration)
			})
		}
	}
}

// TestASuspendedObjectIsAsItWasFound keeps the conditions that stay true, and has no client
// wait for a change that no controller works on.
func TestASuspendedObjectIsAsItWasFound(t *testing.T) {
	for name, test := range map[string]struct {
		before  string
		holds   []string
		ready   bool
		kstatus kstat.Status
	}{
		"ready":       {"Ready", []string{xosv1.ConditionReady, xosv1.ConditionSuspended}, true, kstat.CurrentStatus},
		"stalled":     {"Stalled", []string{xosv1.ConditionStalled, xosv1.ConditionSuspended}, true, kstat.FailedStatus},
		"blocked":     {"Blocked", []string{xosv1.ConditionStalled, xosv1.ConditionSuspended}, true, kstat.FailedStatus},
		"progressing": {"Progressing", []string{xosv1.ConditionSuspended}, false, kstat.CurrentStatus},
		"waiting":     {"Waiting", []string{xosv1.ConditionSuspended}, false, kstat.CurrentStatus},
		"retrying":    {"Retrying", []string{xosv1.ConditionSuspended}, false, kstat.CurrentStatus},
		"new":         {"", []string{xosv1.ConditionSuspended}, false, kstat.CurrentStatus},
	} {
		t.Run(name, func(t *testing.T) {
			slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Generation: 2}}
			if test.before != "" {
				status.SetConditions(slice.GetObjectStatus(), reaching(states[test.before].state), 1, noon)
			}
			before := meta.FindStatusCondition(slice.Status.Conditions, xosv1.ConditionReady)
			status.SetConditions(slice.GetObjectStatus(), status.Suspend(), 2, later)
			var holds []string
			for _, c := range slice.Status.Conditions {
				assert.EqualValues(t, 2, c.ObservedGeneration, c.Type)
				if c.Status == metav1.ConditionTrue {
					holds = append(holds, c.Type)
				}
			}
			assert.Equal(t, test.holds, holds)
			assert.Equal(t, test.kstatus, kstatus(t, slice))
			after := meta.FindStatusCondition(slice.Status.Conditions, xosv1.ConditionReady)
			require.Equal(t, test.ready, after != nil)
			if test.ready {
				assert.Equal(t, before.Reason, after.Reason, "what was found last is not said otherwise")
				assert.Equal(t, noon, after.LastTransitionTime)
			}
			status.SetConditions(slice.GetObjectStatus(), reaching(outcome.Progressing), 3, later)
			assert.Nil(t, meta.FindStatusCondition(slice.Status.Conditions, xosv1.ConditionSuspended), "it was resumed")
		})
	}
}

func TestSettlingTwiceIsTheSameAsOnce(t *testing.T) {
	for name, test := range states {
		t.Run(name, func(t *testing.T) {
			var once xosv1.ObjectStatus
			status.SetConditions(&once, reaching(test.state), 1, noon)
			twice := *once.DeepCopy()
			status.SetConditions(&twice, reaching(test.state), 1, later)
			assert.Equal(t, once, twice)
		})
	}
}

func TestATransitionTimeChangesWithTheStatusOfItsConditionOnly(t *testing.T) {
	var s xosv1.ObjectStatus
	status.SetConditions(&s, reaching(outcome.Waiting), 1, noon)
	status.SetConditions(&s, outcome.Outcome{State: outcome.Retrying, Reason: "Other", Message: "other"}, 2, later)
	ready := meta.FindStatusCondition(s.Conditions, xosv1.ConditionReady)
	assert.Equal(t, noon, ready.LastTransitionTime, "False it was and False it is")
	assert.Equal(t, "Other", ready.Reason)
	status.SetConditions(&s, reaching(outcome.Ready), 2, later)
	assert.Equal(t, later, meta.FindStatusCondition(s.Conditions, xosv1.ConditionReady).LastTransitionTime)
}

func TestARetryIsReconcilingWithTheReasonThatToolsKnow(t *testing.T) {
	var s xosv1.ObjectStatus
	status.SetConditions(&s, reaching(outcome.Retrying), 1, noon)
	assert.Equal(t, xosv1.ReasonProgressingWithRetry, meta.FindStatusCondition(s.Conditions, xosv1.ConditionReconciling).Reason)
	assert.Equal(t, "Because", meta.FindStatusCondition(s.Conditions, xosv1.ConditionReady).Reason)
}

func TestALongMessageIsCutBetweenCharacters(t *testing.T) {
	var s xosv1.ObjectStatus
	status.SetConditions(&s, outcome.Outcome{Reason: "Because", Message: "x" + strings.Repeat("é", 20000)}, 1, noon)
	message := s.Conditions[0].Message
	assert.LessOrEqual(t, len(message), 32768)
	assert.Greater(t, len(message), 32000)
	assert.True(t, utf8.ValidString(message), "JSON would carry another text than we compare with")
}
