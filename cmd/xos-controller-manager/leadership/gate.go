package leadership

import (
	"fmt"
	"net/http"
)

// Gate wraps the transport of a process that writes only while it leads. A write outside the term
// is refused before it is sent; reads pass.
func (t *Term) Gate(next http.RoundTripper) http.RoundTripper { return gate{t, next} }

type gate struct {
	term *Term
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (g gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if writes(r.Method) {
		if err := g.term.Check(); err != nil {
			if r.Body != nil {
				_ = r.Body.Close() // a transport closes it in any case
			}
			return nil, fmt.Errorf("%s %s is not sent: %w", r.Method, r.URL.Path, err)
		}
	}
	return g.next.RoundTrip(r)
}

// WrappedRoundTripper returns the transport beneath, for client-go.
func (g gate) WrappedRoundTripper() http.RoundTripper { return g.next }

func writes(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return true
}
