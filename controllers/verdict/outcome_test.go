package verdict_test

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/refusal"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

var pods = schema.GroupResource{Resource: "pods"}

func TestEachErrorHasAStateAndAReason(t *testing.T) {
	terminating := apierrors.NewForbidden(pods, "web", errors.New("the namespace is being terminated"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	for sentence, test := range map[string]struct {
		err    error
		state  verdict.State
		reason string
	}{
		"a missing reference is waited for":            {verdict.WaitFor("Image nginx does not exist"), verdict.Waiting, xosv1.ReasonReferenceNotFound},
		"what a domain does not allow stalls":          {verdict.NotAdmitted("not from here"), verdict.Stalled, xosv1.ReasonNotAdmitted},
		"what has no meaning stalls":                   {verdict.Refuse(xosv1.ReasonInvalid, "overlap"), verdict.Stalled, xosv1.ReasonInvalid},
		"what met a change on its way is tried again":  {verdict.Retry(xosv1.ReasonConflict, "was there"), verdict.Retrying, xosv1.ReasonConflict},
		"somebody else's object blocks":                {verdict.Obstruct(xosv1.ReasonNotOwned, "Helm's"), verdict.Blocked, xosv1.ReasonNotOwned},
		"fields of another manager block":              {verdict.Conflicts("Pod", "web", nil), verdict.Blocked, xosv1.ReasonConflict},
		"an object that the server refuses blocks":     {apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "web", nil), verdict.Blocked, xosv1.ReasonInvalid},
		"a request that makes no sense blocks":         {apierrors.NewBadRequest("strict decoding"), verdict.Blocked, xosv1.ReasonInvalid},
		"an object that is too large blocks":           {apierrors.NewRequestEntityTooLargeError("3 MiB"), verdict.Blocked, xosv1.ReasonInvalid},
		"a namespace that ends is tried again":         {terminating, verdict.Retrying, xosv1.ReasonTerminating},
		"what is forbidden may be allowed later":       {apierrors.NewForbidden(pods, "web", errors.New("no")), verdict.Blocked, xosv1.ReasonForbidden},
		"a server that does not know us may later":     {apierrors.NewUnauthorized("who?"), verdict.Blocked, xosv1.ReasonForbidden},
		"a version that has passed is tried again":     {apierrors.NewConflict(pods, "web", errors.New("modified")), verdict.Retrying, xosv1.ReasonConflict},
		"a server that is busy is tried again":         {apierrors.NewTooManyRequests("slow down", 1), verdict.Retrying, xosv1.ReasonFailed},
		"a server that fails is tried again":           {apierrors.NewInternalError(errors.New("etcd")), verdict.Retrying, xosv1.ReasonFailed},
		"a server that is slow is tried again":         {apierrors.NewTimeoutError("slow", 1), verdict.Retrying, xosv1.ReasonFailed},
		"a server that is away is tried again":         {syscall.ECONNREFUSED, verdict.Retrying, xosv1.ReasonFailed},
		"a namespace that is missing is tried again":   {apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "shop"), verdict.Retrying, xosv1.ReasonFailed},
		"an error counts with others wrapped around":   {fmt.Errorf("create: %w", apierrors.NewBadRequest("no")), verdict.Blocked, xosv1.ReasonInvalid},
		"an outcome counts with others wrapped around": {fmt.Errorf("read: %w", verdict.WaitFor("not there")), verdict.Waiting, xosv1.ReasonReferenceNotFound},
	} {
		t.Run(sentence, func(t *testing.T) {
			outcome, found := verdict.FromErrors(test.err)
			assert.True(t, found)
			assert.Equal(t, test.state, outcome.State)
			assert.Equal(t, test.reason, outcome.Reason)
			assert.Equal(t, refusal.Read(test.err).Text, outcome.Message)
		})
	}
}

func TestOfSeveralErrorsTheWorstDecidesAndAllAreTold(t *testing.T) {
	waiting, busy := verdict.WaitFor("no image"), apierrors.NewTooManyRequests("busy", 1)
	blocked, invalid := verdict.Obstruct(xosv1.ReasonNotOwned, "not ours"), verdict.Refuse(xosv1.ReasonInvalid, "overlap")
	for sentence, test := range map[string]struct {
		errs []error
		want *verdict.Outcome
	}{
		"no errors are no outcome":                    {nil, nil},
		"errors of nil are none":                      {[]error{nil, nil}, nil},
		"one error among nils":                        {[]error{nil, invalid, nil}, &verdict.Outcome{State: verdict.Stalled, Reason: xosv1.ReasonInvalid, Message: "overlap"}},
		"a failure is worse than a wait":              {[]error{waiting, busy}, &verdict.Outcome{State: verdict.Retrying, Reason: xosv1.ReasonFailed, Message: "no image; busy"}},
		"the order of the messages stays":             {[]error{invalid, blocked, waiting}, &verdict.Outcome{State: verdict.Blocked, Reason: xosv1.ReasonInvalid, Message: "overlap; not ours; no image"}},
		"an obstacle is worse than a failure":         {[]error{busy, blocked}, &verdict.Outcome{State: verdict.Blocked, Reason: xosv1.ReasonNotOwned, Message: "busy; not ours"}},
		"of two alike the first decides":              {[]error{verdict.NotAdmitted("a"), invalid}, &verdict.Outcome{State: verdict.Stalled, Reason: xosv1.ReasonNotAdmitted, Message: "a; overlap"}},
		"a failure is tried again beside what stalls": {[]error{busy, invalid}, &verdict.Outcome{State: verdict.Blocked, Reason: xosv1.ReasonInvalid, Message: "busy; overlap"}},
		"joined errors count one by one":              {[]error{errors.Join(waiting, busy), errors.Join(nil, nil)}, &verdict.Outcome{State: verdict.Retrying, Reason: xosv1.ReasonFailed, Message: "no image; busy"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			outcome, found := verdict.FromErrors(test.errs...)
			assert.Equal(t, test.want != nil, found)
			if test.want != nil {
				assert.Equal(t, *test.want, outcome)
			}
		})
	}
}

func TestOnlyWhatNoWatchTellsIsRetried(t *testing.T) {
	for state, want := range map[verdict.State]bool{
		verdict.Ready: false, verdict.Progressing: false, verdict.Waiting: false, verdict.Stalled: false, verdict.Suspended: false,
		verdict.Retrying: true, verdict.Blocked: true,
	} {
		assert.Equal(t, want, (&verdict.Outcome{State: state}).Retried(), "state %d", state)
	}
}

func TestAFailedConnectionIsToldAlikeWhateverPortItCameFrom(t *testing.T) {
	fail := func(port int) error {
		local, remote := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: port}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 2), Port: 443}
		return fmt.Errorf("create Pod a/b: %w", &net.OpError{Op: "read", Net: "tcp", Source: local, Addr: remote, Err: syscall.ECONNRESET})
	}
	one, _ := verdict.FromErrors(fail(40001))
	two, _ := verdict.FromErrors(fail(40002))
	assert.Equal(t, one, two)
	assert.Equal(t, "create Pod a/b: read tcp 10.0.0.2:443: connection reset by peer", one.Message)
	joined, _ := verdict.FromErrors(errors.Join(fail(1), fail(2)))
	again, _ := verdict.FromErrors(errors.Join(fail(3), fail(4)))
	assert.Equal(t, joined, again)
}

func TestAConflictNamesTheFieldsAndWhoHoldsThem(t *testing.T) {
	err := verdict.Conflicts("ConfigMap", "shop/settings", []metav1.StatusCause{
		{Field: ".data.color", Message: `conflict with "flux"`}, {Field: ".data.size", Message: `conflict with "helm"`},
	})
	assert.ErrorContains(t, err, `ConfigMap shop/settings has fields that another manager holds (.data.color: conflict with "flux"; .data.size: conflict with "helm")`)
}
