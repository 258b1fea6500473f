package main

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/leadership"
)

func TestReadinessWaitsForTheCachesOfALeader(t *testing.T) {
	for sentence, test := range map[string]struct {
		health *health
		lacks  string
	}{
		"a process that waits to lead is ready":             {&health{}, ""},
		"a leader with an empty cache is not, and names it": {&health{unfilled: func() []string { return []string{"cronjobs.batch", "pods"} }}, "caches are being filled: cronjobs.batch, pods"},
		"a leader with full caches is":                      {&health{unfilled: func() []string { return nil }}, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			if err := test.health.ready(nil); test.lacks != "" {
				assert.EqualError(t, err, test.lacks)
			} else {
				assert.NoError(t, err)
			}
		})
	}
}

func TestAProcessIsHealthyUntilItsLeaseIsLost(t *testing.T) {
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", nil)
	assert.NoError(t, (&health{}).healthy(request), "one that takes no part in an election")
	term := leadership.NewTerm(renewDeadline)
	h := &health{over: term.Over}
	assert.NoError(t, h.healthy(request), "nor one that does not lead yet")
	term.Lose(errors.New("other holds it"))
	w := httptest.NewRecorder()
	answer(h.healthy)(w, request)
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "the Lease is lost: other holds it\n", w.Body.String())
	assert.Error(t, h.ready(request))
}

func TestAFailedCheckIsAnsweredWithItsReason(t *testing.T) {
	for sentence, test := range map[string]struct {
		err  error
		code int
		body string
	}{
		"all is well": {nil, http.StatusOK, "ok\n"},
		"all is not":  {errors.New("the caches are being filled"), http.StatusServiceUnavailable, "the caches are being filled\n"},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := httptest.NewRecorder()
			answer(func(*http.Request) error { return test.err })(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
			assert.Equal(t, test.code, w.Code)
			assert.Equal(t, test.body, w.Body.String())
		})
	}
}

func TestAnAddressInUseIsReportedByItsFlag(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	o := defaultOptions()
	o.healthAddress, o.metricsAddress = "0", taken.Addr().String()
	_, err = serve(t.Context(), o, &health{})
	assert.ErrorContains(t, err, "--metrics-bind-address: ")
}
