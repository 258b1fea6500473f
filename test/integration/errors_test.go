package integration

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// refuseCreations answers each creation of the environment's config map with an error,
// until the returned function is called.
func (s *env) refuseCreations(err *apierrors.StatusError) (stop func()) {
	over := make(chan struct{})
	s.manager.Intercept(s, func(r transport.Request) transport.Fault {
		select {
		case <-over:
			return nil
		default:
		}
		if r.Verb == "create" && r.Resource == "configmaps" && r.Namespace == s.domain {
			return transport.Refuse{Err: err}
		}
		return nil
	})
	return func() { close(over) }
}

var someConfigMap = schema.GroupResource{Resource: "configmaps"}

func TestATransientFailureIsRetriedWithBackoff(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err               *apierrors.StatusError
		reason, condition string
	}{
		"an internal error":       {apierrors.NewInternalError(errors.New("etcd is away")), xosv1.ReasonFailed, xosv1.ConditionReconciling},
		"too many requests":       {apierrors.NewTooManyRequestsError("later"), xosv1.ReasonFailed, xosv1.ConditionReconciling},
		"a server that is slow":   {apierrors.NewTimeoutError("too slow", 0), xosv1.ReasonFailed, xosv1.ConditionReconciling},
		"a right that is missing": {apierrors.NewForbidden(someConfigMap, "settings", errors.New("no right")), xosv1.ReasonForbidden, xosv1.ConditionStalled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sameNamespace(t)
			stop := s.refuseCreations(test.err)
			mark := s.manager.Mark()
			s.apply(settings)
			s.unready("KubernetesConfigMap", "settings", test.reason)
			require.Equal(t, metav1.ConditionTrue, s.condition("KubernetesConfigMap", "settings", test.condition))
			tries := s.awaitCreations(mark, 4)
			stop()
			s.ready("KubernetesConfigMap", "settings")
			for i, pause := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
				require.GreaterOrEqual(t, tries[i+1].Time.Sub(tries[i].Time), pause, "before try %d", i+2)
			}
			require.Len(t, s.sent(mark).To("kubernetesconfigmaps/status"), 2, "a repeated failure is reported once")
			require.Equal(t, metav1.ConditionUnknown, s.condition("KubernetesConfigMap", "settings", test.condition))
		})
	}
}

// awaitCreations waits for so many tries to create the environment's config map.
func (s *env) awaitCreations(since transport.Mark, count int) transport.Requests {
	s.Helper()
	var tries transport.Requests
	s.until("tries to create", func() bool {
		tries = s.sent(since).Of("create", "configmaps")
		return len(tries) >= count
	})
	return tries
}

// The server refuses what it does for reasons that no controller can watch, as a policy:
// an operator has to change it, and it is retried nevertheless.
func TestARefusedRequestIsStalledAndRetried(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	stop := s.refuseCreations(apierrors.NewInvalid(schema.GroupKind{Kind: "ConfigMap"}, "settings", nil))
	mark := s.manager.Mark()
	s.apply(settings)
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonInvalid, "is invalid")
	s.awaitCreations(mark, 3)
	require.Equal(t, metav1.ConditionTrue, s.condition("KubernetesConfigMap", "settings", xosv1.ConditionStalled))
	require.Equal(t, metav1.ConditionUnknown, s.condition("KubernetesConfigMap", "settings", xosv1.ConditionReconciling))
	require.Len(t, s.sent(mark).To("kubernetesconfigmaps/status"), 1, "a repeated refusal is reported once")

	stop()
	s.ready("KubernetesConfigMap", "settings")
}

func TestOneThatFailsDelaysNoOther(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.manager.Intercept(t, func(r transport.Request) transport.Fault {
		if r.Verb == "create" && r.Resource == "configmaps" && r.Namespace == s.domain && r.Name == "settings" {
			return transport.Refuse{Err: apierrors.NewInternalError(errors.New("etcd is away"))}
		}
		return nil
	})
	s.apply(settings)
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonFailed)
	s.apply("kind: KubernetesConfigMap\nmetadata: {name: other}\nspec: {data: {a: b}}")
	s.ready("KubernetesConfigMap", "other")
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonFailed)
}
