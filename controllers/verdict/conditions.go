package verdict

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// maxMessage is the API's bound on a condition's message.
const maxMessage = 32768

// Settle writes an outcome into a status: Ready always, Reconciling or Stalled
// where they apply and never both, and the generation they speak of. Times
// change only with the status of a condition, so settling twice is the same as
// once.
func Settle(status *xosv1.ObjectStatus, o Outcome, generation int64, now metav1.Time) {
	status.ObservedGeneration = generation
	set := func(kind string, state metav1.ConditionStatus, reason string) {
		message := o.Message
		if len(message) > maxMessage {
			message = strings.ToValidUTF8(message[:maxMessage], "") // no half character at the end
		}
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: kind, Status: state, Reason: reason, Message: message,
			ObservedGeneration: generation, LastTransitionTime: now,
		})
	}
	clear := func(kind string) { meta.RemoveStatusCondition(&status.Conditions, kind) }

	if o.State == Ready {
		set(xosv1.ConditionReady, metav1.ConditionTrue, o.Reason)
	} else {
		set(xosv1.ConditionReady, metav1.ConditionFalse, o.Reason)
	}
	switch o.State {
	case Ready, Idle:
		clear(xosv1.ConditionReconciling)
		clear(xosv1.ConditionStalled)
	case Stalled, Blocked:
		clear(xosv1.ConditionReconciling)
		set(xosv1.ConditionStalled, metav1.ConditionTrue, o.Reason)
	case Retrying:
		clear(xosv1.ConditionStalled)
		set(xosv1.ConditionReconciling, metav1.ConditionTrue, xosv1.ReasonProgressingWithRetry)
	default:
		clear(xosv1.ConditionStalled)
		set(xosv1.ConditionReconciling, metav1.ConditionTrue, o.Reason)
	}
}
