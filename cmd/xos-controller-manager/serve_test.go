package main

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
	_, err = serve(t.Context(), o, &health{}, nil)
	assert.ErrorContains(t, err, "--metrics-bind-address: ")
}
