package outcome_test

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
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

var pods = schema.GroupResource{Resource: "pods"}

func TestEachErrorHasAStateAndAReason(t *testing.T) {
	terminating := apierrors.NewForbidden(pods, "web", errors.New("the namespace is being terminated"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	for sentence, test := range map[string]struct {
		err    error
		state  outcome.State
		reason string
	}{
		"a missing reference is waited for":            {outcome.WaitFor("Image nginx does not exist"), outcome.Waiting, xosv1.ReasonReferenceNotFound},
		"what a domain does not allow stalls":          {outcome.NotAdmitted("not from here"), outcome.Stalled, xosv1.ReasonNotAdmitted},
		"what has no meaning stalls":                   {outcome.Refuse(xosv1.ReasonInvalid, "overlap"), outcome.Stalled, xosv1.ReasonInvalid},
		"what met a change on its way is tried again":  {outcome.Retry(xosv1.ReasonConflict, "was there"), outcome.Retrying, xosv1.ReasonConflict},
		"another client's object blocks":               {outcome.Obstruct(xosv1.ReasonNotOwned, "Helm's"), outcome.Blocked, xosv1.ReasonNotOwned},
		"fields of another manager block":              {outcome.Conflicts("Pod", "web", nil), outcome.Blocked, xosv1.ReasonConflict},
		"an object that the server refuses blocks":     {apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "web", nil), outcome.Blocked, xosv1.ReasonInvalid},
		"a request that makes no sense blocks":         {apierrors.NewBadRequest("strict decoding"), outcome.Blocked, xosv1.ReasonInvalid},
		"an object that is too large blocks":           {apierrors.NewRequestEntityTooLargeError("3 MiB"), outcome.Blocked, xosv1.ReasonInvalid},
		"a namespace that ends is tried again":         {terminating, outcome.Retrying, xosv1.ReasonTerminating},
		"what is forbidden may be allowed later":       {apierrors.NewForbidden(pods, "web", errors.New("no")), outcome.Blocked, xosv1.ReasonForbidden},
		"a server that does not know us may later":     {apierrors.NewUnauthorized("who?"), outcome.Blocked, xosv1.ReasonForbidden},
		"a version that has passed is tried again":     {apierrors.NewConflict(pods, "web", errors.New("modified")), outcome.Retrying, xosv1.ReasonConflict},
		"a server that is busy is tried again":         {apierrors.NewTooManyRequests("slow down", 1), outcome.Retrying, xosv1.ReasonFailed},
		"a server that fails is tried again":           {apierrors.NewInternalError(errors.New("etcd")), outcome.Retrying, xosv1.ReasonFailed},
		"a server that is slow is tried again":         {apierrors.NewTimeoutError("slow", 1), outcome.Retrying, xosv1.ReasonFailed},
		"a server that is away is tried again":         {syscall.ECONNREFUSED, outcome.Retrying, xosv1.ReasonFailed},
		"a namespace that is missing is tried again":   {apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "shop"), outcome.Retrying, xosv1.ReasonFailed},
		"an error counts with others wrapped around":   {fmt.Errorf("create: %w", apierrors.NewBadRequest("no")), outcome.Blocked, xosv1.ReasonInvalid},
		"an outcome counts with others wrapped around": {fmt.Errorf("read: %w", outcome.WaitFor("not there")), outcome.Waiting, xosv1.ReasonReferenceNotFound},
	} {
		t.Run(sentence, func(t *testing.T) {
			reached, found := outcome.FromErrors(test.err)
			assert.True(t, found)
			assert.Equal(t, test.state, reached.State)
			assert.Equal(t, test.reason, reached.Reason)
			assert.Equal(t, apistatus.Read(test.err).Text, reached.Message)
		})
	}
}

func TestTheWorstErrorDecidesAndAllAreReported(t *testing.T) {
	waiting, busy := outcome.WaitFor("no image"), apierrors.NewTooManyRequests("busy", 1)
	blocked, invalid := outcome.Obstruct(xosv1.ReasonNotOwned, "not ours"), outcome.Refuse(xosv1.ReasonInvalid, "overlap")
	for sentence, test := range map[string]struct {
		errs []error
		want *outcome.Outcome
	}{
		"no errors are no outcome":                    {nil, nil},
		"errors of nil are none":                      {[]error{nil, nil}, nil},
		"one error among nils":                        {[]error{nil, invalid, nil}, &outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonInvalid, Message: "overlap"}},
		"a failure is worse than a wait":              {[]error{waiting, busy}, &outcome.Outcome{State: outcome.Retrying, Reason: xosv1.ReasonFailed, Message: "no image; busy"}},
		"the order of the messages stays":             {[]error{invalid, blocked, waiting}, &outcome.Outcome{State: outcome.Blocked, Reason: xosv1.ReasonInvalid, Message: "overlap; not ours; no image"}},
		"an obstacle is worse than a failure":         {[]error{busy, blocked}, &outcome.Outcome{State: outcome.Blocked, Reason: xosv1.ReasonNotOwned, Message: "busy; not ours"}},
		"of two alike the first decides":              {[]error{outcome.NotAdmitted("a"), invalid}, &outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonNotAdmitted, Message: "a; overlap"}},
		"a failure is tried again beside what stalls": {[]error{busy, invalid}, &outcome.Outcome{State: outcome.Blocked, Reason: xosv1.ReasonInvalid, Message: "busy; overlap"}},
		"joined errors count one by one":              {[]error{errors.Join(waiting, busy), errors.Join(nil, nil)}, &outcome.Outcome{State: outcome.Retrying, Reason: xosv1.ReasonFailed, Message: "no image; busy"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			reached, found := outcome.FromErrors(test.errs...)
			assert.Equal(t, test.want != nil, found)
			if test.want != nil {
				assert.Equal(t, *test.want, reached)
			}
		})
	}
}

func TestOnlyWhatNoWatchReportsIsRetried(t *testing.T) {
	for state, want := range map[outcome.State]bool{
		outcome.Ready: false, outcome.Progressing: false, outcome.Waiting: false, outcome.Stalled: false, outcome.Suspended: false,
		outcome.Retrying: true, outcome.Blocked: true,
	} {
		assert.Equal(t, want, (&outcome.Outcome{State: state}).Retried(), "state %d", state)
	}
}

func TestAFailedConnectionIsReportedWithoutItsSourcePort(t *testing.T) {
	fail := func(port int) error {
		local, remote := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: port}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 2), Port: 443}
		return fmt.Errorf("create Pod a/b: %w", &net.OpError{Op: "read", Net: "tcp", Source: local, Addr: remote, Err: syscall.ECONNRESET})
	}
	one, _ := outcome.FromErrors(fail(40001))
	two, _ := outcome.FromErrors(fail(40002))
	assert.Equal(t, one, two)
	assert.Equal(t, "create Pod a/b: read tcp 10.0.0.2:443: connection reset by peer", one.Message)
	joined, _ := outcome.FromErrors(errors.Join(fail(1), fail(2)))
	again, _ := outcome.FromErrors(errors.Join(fail(3), fail(4)))
	assert.Equal(t, joined, again)
}

func TestAConflictNamesTheFieldsAndWhoHoldsThem(t *testing.T) {
	err := outcome.Conflicts("ConfigMap", "shop/settings", []metav1.StatusCause{
		{Field: ".data.color", Message: `conflict with "flux"`}, {Field: ".data.size", Message: `conflict with "helm"`},
	})
	assert.ErrorContains(t, err, `ConfigMap shop/settings has fields that another manager holds (.data.color: conflict with "flux"; .data.size: conflict with "helm")`)
}
