// Package guard serves a handler to those whom the API server lets read it: who they are tells a
// TokenReview, and what they may do a SubjectAccessReview. k8s.io/apiserver has the same as a
// library, which brings gRPC, OpenTelemetry and CEL along (decision 0037).
package guard

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"

	"golang.org/x/time/rate"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/client-go/kubernetes"
	"k8s.io/klog/v2"
)

// +kubebuilder:rbac:groups=authentication.k8s.io,resources=tokenreviews,verbs=create
// +kubebuilder:rbac:groups=authorization.k8s.io,resources=subjectaccessreviews,verbs=create

const (
	// allowedTTL and deniedTTL are how long a decision is kept.
	allowedTTL, deniedTTL = time.Minute, 10 * time.Second
	// decisions bounds how many are kept; a few scrapers read metrics.
	decisions = 256
	// longestToken is more than a ServiceAccount's token takes.
	longestToken = 16 << 10
	// perSecond and atOnce bound the reviews that are asked for, each of which is two requests to
	// the API server: anybody who reaches the port can present tokens.
	perSecond, atOnce = 5, 20
	// reviewTimeout bounds both requests.
	reviewTimeout = 10 * time.Second
)

// Guard decides who may read.
type Guard struct {
	client  kubernetes.Interface
	limiter *rate.Limiter
	// known are the last decisions, by the hash of token, verb and path.
	known *cache.LRUExpireCache
}

// New returns a guard that asks the API server.
func New(client kubernetes.Interface) *Guard {
	return &Guard{client: client, limiter: rate.NewLimiter(perSecond, atOnce), known: cache.NewLRUExpireCache(decisions)}
}

var (
	errUnauthenticated = errors.New("a bearer token that the cluster accepts is required")
	errForbidden       = errors.New("the token's user may not do this: it takes the right to the verb for the path as a non-resource URL")
	errBusy            = errors.New("too many tokens to review")
	errUndecided       = errors.New("the API server does not decide about the token")
)

// Protect returns a handler that lets only those through who may do what they ask for: an RBAC
// rule with this path in nonResourceURLs, and the method as the verb, allows it.
func (g *Guard) Protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch err := g.decide(r); {
		case err == nil:
			next.ServeHTTP(w, r)
		case errors.Is(err, errUnauthenticated):
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, err.Error(), http.StatusUnauthorized)
		case errors.Is(err, errForbidden):
			http.Error(w, err.Error(), http.StatusForbidden)
		case errors.Is(err, errBusy):
			w.Header().Set("Retry-After", "1")
			http.Error(w, err.Error(), http.StatusTooManyRequests)
		default:
			klog.FromContext(r.Context()).Info("A reader of metrics can't be authorized", "reason", err.Error())
			http.Error(w, errUndecided.Error(), http.StatusServiceUnavailable)
		}
	})
}

// decide returns nil where a request is allowed.
func (g *Guard) decide(r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > longestToken {
		return errUnauthenticated
	}
	asked := authorizationv1.NonResourceAttributes{Path: r.URL.Path, Verb: strings.ToLower(r.Method)}
	key := sha256.Sum256([]byte(token + "\x00" + asked.Verb + "\x00" + asked.Path))
	if decided, ok := g.known.Get(key); ok {
		denied, _ := decided.(error)
		return denied
	}
	if !g.limiter.Allow() {
		return errBusy
	}
	ctx, cancel := context.WithTimeout(r.Context(), reviewTimeout)
	defer cancel()
	err := g.review(ctx, token, asked)
	switch {
	case err == nil:
		g.known.Add(key, nil, allowedTTL)
	case errors.Is(err, errUnauthenticated), errors.Is(err, errForbidden):
		g.known.Add(key, err, deniedTTL)
	}
	return err
}

func (g *Guard) review(ctx context.Context, token string, asked authorizationv1.NonResourceAttributes) error {
	who, err := g.client.AuthenticationV1().TokenReviews().Create(ctx, &authenticationv1.TokenReview{
		Spec: authenticationv1.TokenReviewSpec{Token: token},
	}, metav1.CreateOptions{})
	switch {
	case err != nil:
		return err
	case !who.Status.Authenticated:
		return errUnauthenticated
	}
	user := who.Status.User
	extra := make(map[string]authorizationv1.ExtraValue, len(user.Extra))
	for name, values := range user.Extra {
		extra[name] = authorizationv1.ExtraValue(values)
	}
	may, err := g.client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{
			User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra, NonResourceAttributes: &asked,
		},
	}, metav1.CreateOptions{})
	switch {
	case err != nil:
		return err
	case !may.Status.Allowed:
		return errForbidden
	}
	return nil
}
