package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/leadership"
)

func TestReadinessWaitsForTheCachesOfALeader(t *testing.T) {
	for sentence, test := range map[string]struct {
		health *health
		lacks  string
	}{
		"a process that waits to lead is ready":             {&health{}, ""},
		"a leader with an empty cache is not, and names it": {leading(time.Minute, nil, "cronjobs.batch", "pods"), "caches are being filled: cronjobs.batch, pods"},
		"a leader with full caches is":                      {leading(time.Minute, nil), ""},
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

// leading is the health of a process that has been leading for a time, with passes that are stuck
// and caches that are not filled.
func leading(since time.Duration, stuck []string, unfilled ...string) *health {
	h := &health{}
	h.working(func() []string { return unfilled }, func(time.Duration) []string { return stuck })
	h.since = time.Now().Add(-since)
	return h
}

func TestALeaderThatGetsNowhereIsUnhealthy(t *testing.T) {
	for sentence, test := range map[string]struct {
		health *health
		lacks  string
	}{
		"caches that are being filled":       {leading(fillDeadline-time.Minute, nil, "pods"), ""},
		"caches that are never filled":       {leading(fillDeadline+time.Minute, nil, "pods", "slices.xos.opencord.org"), "caches have not been filled for 15m0s: pods, slices.xos.opencord.org"},
		"a leader of long":                   {leading(24*time.Hour, nil), ""},
		"one with a pass that does not end":  {leading(24*time.Hour, []string{"Slice shop/web for 12m0s"}), "passes do not end: Slice shop/web for 12m0s"},
		"a process that does not lead (yet)": {&health{}, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			if err := test.health.healthy(nil); test.lacks != "" {
				assert.EqualError(t, err, test.lacks)
				assert.EqualError(t, test.health.ready(nil), test.lacks)
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
