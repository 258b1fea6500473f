package testkit

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// Getter is the Get of a typed client.
type Getter[O any] func(ctx context.Context, name string, opts metav1.GetOptions) (O, error)

// Await waits until an object is there and as wanted; any will do where want is nil.
// It returns the object.
func Await[O any](tb testing.TB, get Getter[O], name string, want func(O) bool) O {
	tb.Helper()
	var found O
	plane.Wait(tb, Timeout, func(ctx context.Context) (bool, string) {
		o, err := get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		found = o
		return want == nil || want(o), fmt.Sprintf("%s is not as wanted: %+v", name, o)
	})
	return found
}

// AwaitGone waits until an object is not there.
func AwaitGone[O any](tb testing.TB, get Getter[O], name string) {
	tb.Helper()
	plane.Wait(tb, Timeout, func(ctx context.Context) (bool, string) {
		o, err := get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return apierrors.IsNotFound(err), err.Error()
		}
		return false, fmt.Sprintf("%s is still there: %+v", name, o)
	})
}

// Must reads an object that has to be there.
func Must[O any](tb testing.TB, get Getter[O], name string) O {
	tb.Helper()
	o, err := get(tb.Context(), name, metav1.GetOptions{})
	require.NoError(tb, err)
	return o
}

// Absent checks that an object is not there.
func Absent[O any](tb testing.TB, get Getter[O], name string) {
	tb.Helper()
	_, err := get(tb.Context(), name, metav1.GetOptions{})
	require.True(tb, apierrors.IsNotFound(err), "%s: %v", name, err)
}

// AwaitQuiet waits until a client has sent nothing for a quiet period, nor waited for
// an answer, of the requests that a function keeps; watches and leases do not count. It
// returns those that were sent since the mark.
func AwaitQuiet(tb testing.TB, r *transport.Recorder, since transport.Mark, period time.Duration, keep func(transport.Requests) transport.Requests) transport.Requests {
	tb.Helper()
	last := time.Now()
	var sent transport.Requests
	plane.Wait(tb, Timeout, func(context.Context) (bool, string) {
		before := len(sent)
		waits := keep(r.Underway().Foreground())
		if sent = keep(r.Since(since).Foreground()); len(sent) > before || len(waits) > 0 {
			last = time.Now()
		}
		return time.Since(last) > period, "still sends: " + strings.Join(sent.Lines(), ", ")
	})
	return sent
}
