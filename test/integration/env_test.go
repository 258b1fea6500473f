package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// env is what one test plays on: a trust domain of its own, and a namespace
// for the custom resources.
type env struct {
	*testing.T
	*user
	// domain is the trust domain's name, and its namespace's.
	domain string
	// home is the namespace of the custom resources: the domain's own, or
	// another one.
	home string
	// kube and xos are the user's clients.
	kube    kubernetes.Interface
	xos     versioned.Interface
	manager *inprocess.Manager
}

// sameNamespace is an environment whose custom resources are in the namespace of their
// trust domain, so that what they own refers to them.
func sameNamespace(t *testing.T) *env {
	t.Helper()
	s := newEnv(t, plane.Shared(t).Config(), sharedManager(t))
	s.addDomain("Same")
	s.home = s.domain
	return s
}

// crossNamespace is an environment whose custom resources are in another namespace than
// what they own, so that they need a finalizer.
func crossNamespace(t *testing.T) *env {
	t.Helper()
	s := newEnv(t, plane.Shared(t).Config(), sharedManager(t))
	s.home = plane.Namespace(t, plane.Shared(t))
	s.addDomain("All")
	return s
}

// newEnv is an environment without a trust domain.
func newEnv(t *testing.T, config *rest.Config, m *inprocess.Manager) *env {
	t.Helper()
	return &env{
		T: t, user: userOf(t, config), manager: m,
		domain: "td-" + rand.String(8),
		kube:   kubernetes.NewForConfigOrDie(config),
		xos:    versioned.NewForConfigOrDie(config),
	}
}

// addDomain makes the trust domain, and deletes it when the test ends. Its
// namespace is whole when this returns.
func (s *env) addDomain(admits string) {
	s.Helper()
	s.apply(fmt.Sprintf(`
kind: TrustDomain
metadata: {name: $domain}
spec: {adoption: All, allowedNamespaces: {from: %s}, allowedRoles: [view, edit]}`, admits))
	s.Cleanup(func() { s.forget("TrustDomain", s.domain) })
	s.ready("TrustDomain", s.domain)
	testkit.Await(s, s.kube.CoreV1().ServiceAccounts(s.domain).Get, "default", nil)
	testkit.Await(s, s.kube.CoreV1().ConfigMaps(s.domain).Get, "kube-root-ca.crt", nil)
}

// fill puts the environment's names into a manifest.
func (s *env) fill(text string) string {
	return strings.NewReplacer("$domain", s.domain, "$home", s.home).Replace(text)
}

// apply applies a manifest, in which $domain and $home stand for the environment's.
func (s *env) apply(manifest string) {
	s.Helper()
	s.user.apply(s, s.fill(manifest), s.home)
}

// delete deletes a custom resource of the environment.
func (s *env) delete(kind, name string) {
	s.Helper()
	s.user.delete(s, s.home, kind, name)
}

// forget deletes a custom resource when the test has ended.
func (s *env) forget(kind, name string) {
	if err := s.user.remove(context.Background(), s, s.home, kind, name); err != nil {
		s.Errorf("delete %s %s: %v", kind, name, err)
	}
}

// sent is what the manager sent since a mark for this environment, watches left out.
// Further names are those of cluster-scoped objects.
func (s *env) sent(since transport.Mark, names ...string) transport.Requests {
	return s.ofEnv(s.manager.Since(since).Foreground(), names...)
}

// ofEnv keeps the requests that are for this environment.
func (s *env) ofEnv(requests transport.Requests, names ...string) transport.Requests {
	names = append(names, s.domain)
	if s.home != "" {
		names = append(names, s.home)
	}
	return requests.In(names...)
}

// quietPeriod is how long nothing has to happen for nothing more to be expected. Counts
// are gathered for 2 seconds, of which a loaded machine makes more.
const quietPeriod = 4 * time.Second

// settled waits until the manager has sent nothing for the environment for a while, nor
// waited for an answer, and returns what it sent since the mark.
func (s *env) settled(since transport.Mark, names ...string) transport.Requests {
	s.Helper()
	return testkit.AwaitQuiet(s, s.manager.Recorder, since, quietPeriod, func(all transport.Requests) transport.Requests { return s.ofEnv(all, names...) })
}

// happens waits for a channel to be closed.
func (s *env) happens(event <-chan struct{}, what string) {
	s.Helper()
	select {
	case <-event:
	case <-time.After(testkit.Timeout):
		s.Fatalf("waited %v in vain for %s", testkit.Timeout, what)
	}
}

// until waits until something holds.
func (s *env) until(what string, holds func() bool) {
	s.Helper()
	plane.Wait(s, testkit.Timeout, func(context.Context) (bool, string) { return holds(), "not yet: " + what })
}
