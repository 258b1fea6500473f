package integration

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// workload is something that a manager is to do, and to have done also when it
// crashes on the way.
type workload struct {
	// before is there, and settled, when the work begins.
	before string
	// begin is the work.
	begin func(*env)
	// writes is how many writes the work takes, pods' changes of status left out.
	writes int
}

const slicedWeb = `
kind: Slice
metadata: {name: front}
spec: {trustDomain: $domain}
---
kind: KubernetesServiceInstance
metadata: {name: web}
spec:
  slice: front
  imageReference: "registry.k8s.io/pause:3.9"
  template: {spec: {automountServiceAccountToken: false}}
`

func applying(manifest string) func(*env) { return func(s *env) { s.apply(manifest) } }

var workloads = map[string]workload{
	"a config map is made": {
		begin: applying(settings), writes: 3,
	},
	"a config map is changed for the first time": {
		before: settings,
		begin:  applying("kind: KubernetesConfigMap\nmetadata: {name: settings}\nspec: {trustDomain: $domain, data: {color: red}}"),
		writes: 3,
	},
	"a config map is deleted": {
		before: settings,
		begin:  func(s *env) { s.delete("KubernetesConfigMap", "settings") },
		writes: 2,
	},
	"an instance is made": {
		begin: applying(slicedWeb), writes: 3,
	},
	"an instance's command is changed": {
		before: slicedWeb,
		begin: applying(`
kind: KubernetesServiceInstance
metadata: {name: web}
spec:
  slice: front
  imageReference: "registry.k8s.io/pause:3.9"
  command: [/pause]
  template: {spec: {automountServiceAccountToken: false}}`),
		writes: 3,
	},
	"an instance is deleted": {
		before: slicedWeb,
		begin:  func(s *env) { s.delete("KubernetesServiceInstance", "web") },
		writes: 2,
	},
}

// about returns whether a request is the work's own: for an object of the environment that
// the work is about, and no Event.
func (s *env) about(r transport.Request) bool {
	return slices.Contains([]string{s.domain, s.home}, r.Namespace) && slices.Contains([]string{"settings", "web"}, r.Name)
}

// prepare makes an environment with a manager, in which a workload can begin.
func (w workload) prepare(t *testing.T) *env {
	t.Helper()
	s := aloneEnv(t)
	s.startManager()
	s.addDomain("All")
	s.apply(w.before)
	for _, object := range documents(t, s.fill(w.before)) {
		s.ready(object.GetKind(), object.GetName())
	}
	return s
}

// undisturbed is the state to which a workload leads when nothing goes wrong.
func (w workload) undisturbed(t *testing.T) string {
	t.Helper()
	s := w.prepare(t)
	mark := s.manager.Mark()
	w.begin(s)
	s.settled(mark)
	require.GreaterOrEqual(t, len(s.sent(mark).Writes().Where(s.about)), w.writes)
	state, err := s.state(t.Context())
	require.NoError(t, err)
	s.manager.Stop()
	return state
}

func TestTheNextManagerRecoversFromACrashAtAnyWrite(t *testing.T) {
	for name, work := range workloads {
		t.Run(name, func(t *testing.T) {
			want := work.undisturbed(t)
			transport.EachCrash(t, work.writes, func(t *testing.T, k int, fault transport.Fault) {
				t.Helper()
				s := work.prepare(t)
				crashed := s.manager.CrashAt(t, k, fault, s.about)
				work.begin(s)
				s.happens(crashed, "the crash")
				s.restart()
				var state string
				plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
					var err error
					state, err = s.state(ctx)
					return err == nil && state == want, fmt.Sprintf("the state is (%v)\n%s\nand not\n%s", err, state, want)
				})
			})
		})
	}
}

func TestARestartWithAllInPlaceWritesNothing(t *testing.T) {
	s := aloneEnv(t)
	s.startManager()
	s.addDomain("All")
	s.apply(sources + "---" + slicedWeb + "---" + configMount + "---" + secretMount + `---
kind: Principal
metadata: {name: account}
spec: {trustDomain: $domain, roles: [view], imagePullSecrets: [registry]}
---
kind: Image
metadata: {name: $domain-pause}
spec: {name: example.org/pause, tag: $domain}
---
kind: Site
metadata: {name: $domain-site}`)
	s.Cleanup(func() {
		s.forget("Image", s.domain+"-pause")
		s.forget("Site", s.domain+"-site")
	})
	for kind, name := range map[string]string{
		"KubernetesServiceInstance": "web", "KubernetesConfigMap": "settings", "KubernetesSecret": "keys", "Principal": "account",
		"KubernetesConfigVolumeMount": "settings", "KubernetesSecretVolumeMount": "keys",
	} {
		s.ready(kind, name)
	}
	s.settled(0)
	for range 2 {
		s.restart()
		mark := transport.Mark(0)
		require.Empty(t, s.settled(mark, s.domain+"-pause", s.domain+"-site"))
	}
}

func TestAManagerThatLosesAnAnswerRecovers(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	lost := map[string]bool{}
	s.manager.Intercept(t, func(r transport.Request) transport.Fault {
		mu.Lock()
		defer mu.Unlock()
		if key := r.String(); r.Mutates() && s.about(r) && !lost[key] {
			lost[key] = true
			return transport.LoseAnswer{}
		}
		return nil
	})
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	s.delete("KubernetesConfigMap", "settings")
	testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
	testkit.AwaitGone(s, s.configMaps().Get, "settings")
}
