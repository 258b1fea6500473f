package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// statusOf is the part of the status that all kinds share.
func statusOf(t testing.TB, object *unstructured.Unstructured) xosv1.ObjectStatus {
	t.Helper()
	var status xosv1.ObjectStatus
	data, err := json.Marshal(object.Object["status"])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &status))
	return status
}

// awaitReady waits for what an object's condition Ready says about its present
// spec.
func (s *env) awaitReady(kind, name string, want func(metav1.Condition) bool) metav1.Condition {
	s.Helper()
	return s.awaitCondition(kind, name, xosv1.ConditionReady, want)
}

func (s *env) awaitCondition(kind, name, condition string, want func(metav1.Condition) bool) metav1.Condition {
	s.Helper()
	var last metav1.Condition
	plane.Wait(s, testkit.Timeout, func(ctx context.Context) (bool, string) {
		object, err := s.get(ctx, s, s.home, kind, name)
		if err != nil {
			return false, err.Error()
		}
		status := statusOf(s, object)
		found := meta.FindStatusCondition(status.Conditions, condition)
		if found == nil || status.ObservedGeneration != object.GetGeneration() || found.ObservedGeneration != object.GetGeneration() {
			return false, fmt.Sprintf("%s %s has not been reconciled: %+v", kind, name, status)
		}
		last = *found
		return want(last), fmt.Sprintf("%s %s: %s is %s, %s: %s", kind, name, condition, last.Status, last.Reason, last.Message)
	})
	return last
}

// ready waits until an object is Ready as it is specified now.
func (s *env) ready(kind, name string) {
	s.Helper()
	s.awaitReady(kind, name, func(c metav1.Condition) bool { return c.Status == metav1.ConditionTrue })
}

// suspended waits until an object reports that it is suspended.
func (s *env) suspended(kind, name string) {
	s.Helper()
	s.awaitCondition(kind, name, xosv1.ConditionSuspended, func(c metav1.Condition) bool { return c.Status == metav1.ConditionTrue })
}

// asItShouldBe is a Ready that is True because something is switched off.
func asItShouldBe(words string) func(metav1.Condition) bool {
	return func(c metav1.Condition) bool {
		return c.Status == metav1.ConditionTrue && c.Reason == xosv1.ReasonSuspended && strings.Contains(c.Message, words)
	}
}

// unready waits until an object reports that it is not Ready, for this reason and
// in a message that contains each of the words.
func (s *env) unready(kind, name, reason string, words ...string) {
	s.Helper()
	s.awaitReady(kind, name, func(c metav1.Condition) bool {
		if c.Status != metav1.ConditionFalse || c.Reason != reason {
			return false
		}
		for _, word := range words {
			if !strings.Contains(c.Message, s.fill(word)) {
				return false
			}
		}
		return true
	})
}

// condition is the status of one of an object's conditions; Unknown where it does
// not have it.
func (s *env) condition(kind, name, condition string) metav1.ConditionStatus {
	s.Helper()
	object, err := s.get(s.Context(), s, s.home, kind, name)
	require.NoError(s, err)
	found := meta.FindStatusCondition(statusOf(s, object).Conditions, condition)
	if found == nil {
		return metav1.ConditionUnknown
	}
	return found.Status
}
