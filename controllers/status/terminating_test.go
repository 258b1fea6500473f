package status_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

func TestADeletionReportsWhatItWaitsFor(t *testing.T) {
	for want, test := range map[string]struct{ finalizers, left []string }{
		"being deleted: waits for the end of Pod a/b":                                          {nil, []string{"Pod a/b"}},
		"being deleted: waits for the end of Pod a/b; Service a/c":                             {nil, []string{"Pod a/b", "Service a/c"}},
		"being deleted: held by the finalizer example.org/x":                                   {[]string{"example.org/x"}, nil},
		"being deleted: waits for the end of Pod a/b; held by the finalizers e.org/x, e.org/y": {[]string{"e.org/x", "e.org/y"}, []string{"Pod a/b"}},
	} {
		got := status.Terminating(test.finalizers, test.left)
		assert.Equal(t, outcome.Outcome{State: outcome.Progressing, Reason: xosv1.ReasonTerminating, Message: want}, got)
	}
}

func TestWhatBlocksADeletionIsReadFromTheObject(t *testing.T) {
	for sentence, test := range map[string]struct {
		meta    metav1.ObjectMeta
		remains string
		want    string
	}{
		"nothing":                    {metav1.ObjectMeta{}, "", ""},
		"a finalizer":                {metav1.ObjectMeta{Finalizers: []string{"example.org/x"}}, "", "held by the finalizer example.org/x"},
		"the garbage collector":      {metav1.ObjectMeta{Finalizers: []string{"foregroundDeletion"}}, "", "which waits for what it owns to be deleted first"},
		"a finalizer and that":       {metav1.ObjectMeta{Finalizers: []string{"foregroundDeletion", "e.org/x"}}, "", "held by the finalizer e.org/x"},
		"a grace period":             {metav1.ObjectMeta{DeletionGracePeriodSeconds: ptr.To[int64](30)}, "", "which has a grace period of 30 s"},
		"one that is none":           {metav1.ObjectMeta{DeletionGracePeriodSeconds: ptr.To[int64](0)}, "", ""},
		"a finalizer beside a grace": {metav1.ObjectMeta{DeletionGracePeriodSeconds: ptr.To[int64](30), Finalizers: []string{"e.org/x"}}, "", "held by the finalizer e.org/x"},
		"its own words":              {metav1.ObjectMeta{}, "something is left", "something is left"},
		"its own words and more":     {metav1.ObjectMeta{Finalizers: []string{"e.org/x"}}, "something is left", "something is left, held by the finalizer e.org/x"},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, observe.HeldBy(&metav1.ObjectMeta{
				Finalizers: test.meta.Finalizers, DeletionGracePeriodSeconds: test.meta.DeletionGracePeriodSeconds,
			}, test.remains))
		})
	}
}

func TestANamespaceReportsItsRemainingContentInAStableOrder(t *testing.T) {
	is := func(kind corev1.NamespaceConditionType, into corev1.ConditionStatus, message string) corev1.NamespaceCondition {
		return corev1.NamespaceCondition{Type: kind, Status: into, Message: message}
	}
	content := is(corev1.NamespaceContentRemaining, corev1.ConditionTrue, "configmaps. has 1 resource instances")
	finalizers := is(corev1.NamespaceFinalizersRemaining, corev1.ConditionTrue, "e.org/x in 1 resource instances")
	discovery := is(corev1.NamespaceDeletionDiscoveryFailure, corev1.ConditionTrue, "no\nanswer")
	well := is(corev1.NamespaceDeletionContentFailure, corev1.ConditionFalse, "All content successfully deleted")
	for want, conditions := range map[string][]corev1.NamespaceCondition{
		"": {well},
		"in which there is something left: e.org/x in 1 resource instances; configmaps. has 1 resource instances":            {content, well, finalizers},
		"in which there is something left: e.org/x in 1 resource instances; configmaps. has 1 resource instances; no answer": {discovery, finalizers, content},
	} {
		assert.Equal(t, want, observe.NamespaceRemains(&corev1.Namespace{Status: corev1.NamespaceStatus{Conditions: conditions}}))
	}
	long := is(corev1.NamespaceContentRemaining, corev1.ConditionTrue, strings.Repeat("x", 9000))
	assert.Less(t, len(observe.NamespaceRemains(&corev1.Namespace{Status: corev1.NamespaceStatus{Conditions: []corev1.NamespaceCondition{long}}})), 1200)
}
