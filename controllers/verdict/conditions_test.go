package verdict_test

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
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// states are all states, by their names, and what each looks like from outside.
var states = map[string]struct {
	state   verdict.State
	holds   []string // conditions that are True
	kstatus status.Status
}{
	"Ready":       {verdict.Ready, []string{xosv1.ConditionReady}, status.CurrentStatus},
	"Progressing": {verdict.Progressing, []string{xosv1.ConditionReconciling}, status.InProgressStatus},
	"Waiting":     {verdict.Waiting, []string{xosv1.ConditionReconciling}, status.InProgressStatus},
	"Retrying":    {verdict.Retrying, []string{xosv1.ConditionReconciling}, status.InProgressStatus},
	"Stalled":     {verdict.Stalled, []string{xosv1.ConditionStalled}, status.FailedStatus},
	"Blocked":     {verdict.Blocked, []string{xosv1.ConditionStalled}, status.FailedStatus},
}

var (
	noon  = metav1.NewTime(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC))
	later = metav1.NewTime(noon.Add(time.Hour))
)

func outcome(state verdict.State) verdict.Outcome {
	return verdict.Outcome{State: state, Reason: "Because", Message: "it is so"}
}

func TestKstatusReadsEachStateAsItIsMeant(t *testing.T) {
	for name, test := range states {
		t.Run(name, func(t *testing.T) {
			slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Generation: 3}}
			verdict.Settle(slice.GetObjectStatus(), outcome(test.state), 3, noon)
			assert.Equal(t, test.kstatus, kstatus(t, slice))
			slice.Generation++
			assert.Equal(t, status.InProgressStatus, kstatus(t, slice), "once the spec has changed")
		})
	}
}

func TestKstatusTakesAnObjectThatNobodyLookedAtForBeingInProgress(t *testing.T) {
	slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Generation: 1}}
	slice.Status.ObservedGeneration = -1 // as the schema defaults it
	assert.Equal(t, status.InProgressStatus, kstatus(t, slice))
}

func kstatus(t *testing.T, slice *xosv1.Slice) status.Status {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(slice)
	require.NoError(t, err)
	object := &unstructured.Unstructured{Object: content}
	object.SetGroupVersionKind(xosv1.SchemeGroupVersion.WithKind("Slice"))
	result, err := status.Compute(object)
	require.NoError(t, err)
	return result.Status
}

// TestEachStateIsTheSameWhateverWasBefore goes from every state to every other.
func TestEachStateIsTheSameWhateverWasBefore(t *testing.T) {
	for from, before := range states {
		for to, after := range states {
			t.Run(from+" to "+to, func(t *testing.T) {
				var s xosv1.ObjectStatus
				verdict.Settle(&s, outcome(before.state), 1, noon)
				verdict.Settle(&s, outcome(after.state), 2, later)
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

// TestASuspendedObjectIsAsItWasFound has what stays true stay, and nobody wait for what
// nobody works on.
func TestASuspendedObjectIsAsItWasFound(t *testing.T) {
	for name, test := range map[string]struct {
		before  string
		holds   []string
		ready   bool
		kstatus status.Status
	}{
		"ready":       {"Ready", []string{xosv1.ConditionReady, xosv1.ConditionSuspended}, true, status.CurrentStatus},
		"stalled":     {"Stalled", []string{xosv1.ConditionStalled, xosv1.ConditionSuspended}, true, status.FailedStatus},
		"blocked":     {"Blocked", []string{xosv1.ConditionStalled, xosv1.ConditionSuspended}, true, status.FailedStatus},
		"progressing": {"Progressing", []string{xosv1.ConditionSuspended}, false, status.CurrentStatus},
		"waiting":     {"Waiting", []string{xosv1.ConditionSuspended}, false, status.CurrentStatus},
		"retrying":    {"Retrying", []string{xosv1.ConditionSuspended}, false, status.CurrentStatus},
		"new":         {"", []string{xosv1.ConditionSuspended}, false, status.CurrentStatus},
	} {
		t.Run(name, func(t *testing.T) {
			slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Generation: 2}}
			if test.before != "" {
				verdict.Settle(slice.GetObjectStatus(), outcome(states[test.before].state), 1, noon)
			}
			before := meta.FindStatusCondition(slice.Status.Conditions, xosv1.ConditionReady)
			verdict.Settle(slice.GetObjectStatus(), verdict.Suspend(), 2, later)
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
			verdict.Settle(slice.GetObjectStatus(), outcome(verdict.Progressing), 3, later)
			assert.Nil(t, meta.FindStatusCondition(slice.Status.Conditions, xosv1.ConditionSuspended), "it was resumed")
		})
	}
}

func TestSettlingTwiceIsTheSameAsOnce(t *testing.T) {
	for name, test := range states {
		t.Run(name, func(t *testing.T) {
			var once xosv1.ObjectStatus
			verdict.Settle(&once, outcome(test.state), 1, noon)
			twice := *once.DeepCopy()
			verdict.Settle(&twice, outcome(test.state), 1, later)
			assert.Equal(t, once, twice)
		})
	}
}

func TestATransitionTimeChangesWithTheStatusOfItsConditionOnly(t *testing.T) {
	var s xosv1.ObjectStatus
	verdict.Settle(&s, outcome(verdict.Waiting), 1, noon)
	verdict.Settle(&s, verdict.Outcome{State: verdict.Retrying, Reason: "Other", Message: "other"}, 2, later)
	ready := meta.FindStatusCondition(s.Conditions, xosv1.ConditionReady)
	assert.Equal(t, noon, ready.LastTransitionTime, "False it was and False it is")
	assert.Equal(t, "Other", ready.Reason)
	verdict.Settle(&s, outcome(verdict.Ready), 2, later)
	assert.Equal(t, later, meta.FindStatusCondition(s.Conditions, xosv1.ConditionReady).LastTransitionTime)
}

func TestARetryIsReconcilingWithTheReasonThatToolsKnow(t *testing.T) {
	var s xosv1.ObjectStatus
	verdict.Settle(&s, outcome(verdict.Retrying), 1, noon)
	assert.Equal(t, xosv1.ReasonProgressingWithRetry, meta.FindStatusCondition(s.Conditions, xosv1.ConditionReconciling).Reason)
	assert.Equal(t, "Because", meta.FindStatusCondition(s.Conditions, xosv1.ConditionReady).Reason)
}

func TestALongMessageIsCutBetweenCharacters(t *testing.T) {
	var s xosv1.ObjectStatus
	verdict.Settle(&s, verdict.Outcome{Reason: "Because", Message: "x" + strings.Repeat("é", 20000)}, 1, noon)
	message := s.Conditions[0].Message
	assert.LessOrEqual(t, len(message), 32768)
	assert.Greater(t, len(message), 32000)
	assert.True(t, utf8.ValidString(message), "JSON would carry another text than we compare with")
}
