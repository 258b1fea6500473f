package status

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// maxMessage is the API's bound on a condition's message.
const maxMessage = 32768

// SetConditions writes an outcome into a status: Ready always, Reconciling or Stalled where they
// apply and never both, and the observed generation. A suspended object retains its last
// conditions instead, beside Suspended. Transition times change only with the status of a
// condition, so a second call changes nothing.
func SetConditions(status *xosv1.ObjectStatus, o outcome.Outcome, generation int64, now metav1.Time) {
	status.ObservedGeneration = generation
	set := func(kind string, state metav1.ConditionStatus, reason string) {
		message := o.Message
		if len(message) > maxMessage {
			message = strings.ToValidUTF8(message[:maxMessage], "") // no partial character at the end
		}
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: kind, Status: state, Reason: reason, Message: message,
			ObservedGeneration: generation, LastTransitionTime: now,
		})
	}
	clear := func(kind string) { meta.RemoveStatusCondition(&status.Conditions, kind) }

	if o.State == outcome.Suspended {
		suspend(&status.Conditions, generation)
		set(xosv1.ConditionSuspended, metav1.ConditionTrue, o.Reason)
		return
	}
	clear(xosv1.ConditionSuspended)
	if o.State == outcome.Ready {
		set(xosv1.ConditionReady, metav1.ConditionTrue, o.Reason)
	} else {
		set(xosv1.ConditionReady, metav1.ConditionFalse, o.Reason)
	}
	switch o.State {
	case outcome.Ready:
		clear(xosv1.ConditionReconciling)
		clear(xosv1.ConditionStalled)
	case outcome.Stalled, outcome.Blocked:
		clear(xosv1.ConditionReconciling)
		set(xosv1.ConditionStalled, metav1.ConditionTrue, o.Reason)
	case outcome.Retrying:
		clear(xosv1.ConditionStalled)
		set(xosv1.ConditionReconciling, metav1.ConditionTrue, xosv1.ReasonProgressingWithRetry)
	default:
		clear(xosv1.ConditionStalled)
		set(xosv1.ConditionReconciling, metav1.ConditionTrue, o.Reason)
	}
}

// suspend reduces the last conditions to what remains true of a suspended object: that it was
// ready, or that it had failed. Progress has stopped, and clients must not wait for it until the
// object is resumed.
func suspend(conditions *[]metav1.Condition, generation int64) {
	judged := meta.IsStatusConditionTrue(*conditions, xosv1.ConditionReady) || meta.IsStatusConditionTrue(*conditions, xosv1.ConditionStalled)
	*conditions = slices.DeleteFunc(*conditions, func(c metav1.Condition) bool {
		return c.Type == xosv1.ConditionReconciling || (c.Type == xosv1.ConditionReady && !judged)
	})
	for i := range *conditions {
		(*conditions)[i].ObservedGeneration = generation // kubectl takes an older one for not observed yet
	}
}
