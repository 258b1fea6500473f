package lifecycle

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Change is what a command changes of an object.
type Change struct {
	// Spec is a merge patch of it; empty where nothing is to be changed.
	Spec map[string]any
	// Done says what the object is then, such as "stopped".
	Done string
	// Notes are sentences for a person.
	Notes []string
}

// Stoppable returns the kinds that can be stopped: the first two are disabled, and reconciling
// the others is suspended.
func Stoppable() []string {
	return []string{
		"Slice", "Service",
		"TrustDomain", "Principal", "KubernetesConfigMap", "KubernetesSecret", "KubernetesServiceInstance", "KubernetesResourceInstance",
	}
}

// disabled returns whether a kind has spec.enabled, with an effect on the cluster.
func disabled(kind string) bool { return kind == "Slice" || kind == "Service" }

// Stop returns how an object is stopped.
func Stop(o *unstructured.Unstructured) (Change, error) {
	if err := managed(o); err != nil {
		return Change{}, err
	}
	suspended := field(o, "suspend", false)
	if !disabled(o.GetKind()) {
		c := Change{Done: "suspended", Notes: []string{"what exists natively stays as it is and goes on running: " +
			"nothing of it is created, changed or pruned until it is started"}}
		if !suspended {
			c.Spec = map[string]any{"suspend": true}
		}
		return c, nil
	}
	c := Change{Done: "stopped"}
	if field(o, "enabled", true) {
		c.Spec = map[string]any{"enabled": false}
	}
	if suspended {
		c.Notes = []string{"spec.suspend is true: nothing changes natively while it is"}
	}
	return c, nil
}

// Start returns how an object is started.
func Start(o *unstructured.Unstructured) (Change, error) {
	if err := managed(o); err != nil {
		return Change{}, err
	}
	c := Change{Done: "resumed", Spec: map[string]any{}}
	if field(o, "suspend", false) {
		c.Spec["suspend"] = nil
	}
	if disabled(o.GetKind()) {
		c.Done = "started"
		if !field(o, "enabled", true) {
			c.Spec["enabled"] = true
		}
	}
	return c, nil
}

// Scale returns why the number of an object's pods can't be changed.
func Scale(o *unstructured.Unstructured) (notes []string, _ error) {
	if err := managed(o); err != nil {
		return nil, err
	}
	if !field(o, "enabled", true) {
		notes = append(notes, "it is stopped: the number counts once it is started (kubectl xos start)")
	}
	if field(o, "suspend", false) {
		notes = append(notes, "spec.suspend is true: nothing changes natively while it is")
	}
	return notes, nil
}

// managed is the error of a record.
func managed(o *unstructured.Unstructured) error {
	if !field(o, "xosManaged", true) {
		return fmt.Errorf("is a record of what another client manages (spec.xosManaged is false), and has no effect on that: " +
			"change the native object, or take it over (kubectl xos adopt)")
	}
	return nil
}

// field returns a truth value of the spec.
func field(o *unstructured.Unstructured, name string, otherwise bool) bool {
	value, found, err := unstructured.NestedBool(o.Object, "spec", name)
	if err != nil || !found {
		return otherwise
	}
	return value
}

// Reached returns whether what an object's spec says is reached, and the error of one that can't
// be without a change.
func Reached(o *unstructured.Unstructured) (bool, error) {
	result, err := status.Compute(o)
	if err != nil {
		return false, fmt.Errorf("read its status: %w", err)
	}
	if result.Status == status.FailedStatus {
		return false, fmt.Errorf("failed: %s", result.Message)
	}
	if result.Status != status.CurrentStatus || o.GetDeletionTimestamp() != nil {
		return false, nil
	}
	// Pods end after their controller has no more to do.
	if pods, _, _ := unstructured.NestedInt64(o.Object, "status", "replicas"); o.GetKind() == "Slice" && !field(o, "enabled", true) && pods > 0 {
		return false, nil
	}
	return !field(o, "suspend", false) || Condition(o, xosv1.ConditionSuspended).Status == metav1.ConditionTrue, nil
}

// Condition returns a condition of an object; it is empty where there is none of that type.
func Condition(o *unstructured.Unstructured, named string) metav1.Condition {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok && c["type"] == named {
			status, _, _ := unstructured.NestedString(c, "status")
			message, _, _ := unstructured.NestedString(c, "message")
			return metav1.Condition{Type: named, Status: metav1.ConditionStatus(status), Message: message}
		}
	}
	return metav1.Condition{}
}

// Replicas returns how many pods a slice is to have; -1 where it does not say.
func Replicas(o *unstructured.Unstructured) int64 {
	count, found, err := unstructured.NestedInt64(o.Object, "spec", "controllerReplicaCount")
	if err != nil || !found {
		return -1
	}
	return count
}
