package manifests

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// work is something that a manager is to do with a blob, and to have done also
// when it crashes on the way.
type work struct {
	// before is the blob that is there, and settled, when the work begins.
	before string
	begin  func(*env)
	// writes is how many writes the work takes.
	writes int
}

var works = map[string]work{
	"made": {
		begin:  func(s *env) { s.apply("blob", settings+account) },
		writes: 4,
	},
	"changed": {
		before: settings + account,
		begin: func(s *env) {
			s.apply("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {size: large}}"+account)
		},
		writes: 2,
	},
	"changed and pruned": {
		before: settings + account,
		begin:  func(s *env) { s.apply("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: others}}"+account) },
		writes: 5, // the inventory, what is new, the end of what is old, and the status of either
	},
	"pruned": {
		before: settings + account,
		begin:  func(s *env) { s.apply("blob", settings) },
		writes: 3,
	},
	"deleted": {
		before: settings + account,
		begin:  func(s *env) { s.remove("blob") },
		writes: 3,
	},
}

// about returns whether a request is the work's own.
func (s *env) about(r transport.Request) bool {
	return !reportsLongList(r) && r.Namespace == s.domain && slices.Contains([]string{"blob", "settings", "others", "worker"}, r.Name)
}

// alone is an environment with a manager of its own.
func alone(t *testing.T) *env {
	t.Helper()
	return newEnv(t, inprocess.Start(t, testkit.Deployed(t)))
}

// restart has another manager take over, as after a crash.
func (s *env) restart() {
	s.Helper()
	s.manager.Stop()
	s.manager = inprocess.Start(s, testkit.Deployed(s))
}

// crashes waits for a manager's crash.
func (s *env) crashes(crashed <-chan struct{}) {
	s.Helper()
	select {
	case <-crashed:
	case <-time.After(testkit.Timeout):
		s.Fatalf("waited %v in vain for the crash", testkit.Timeout)
	}
}

func (w work) prepare(t *testing.T) *env {
	t.Helper()
	s := alone(t)
	if w.before != "" {
		s.apply("blob", w.before)
		s.ready("blob")
	}
	return s
}

// state is the end state of an environment without what differs from run to run: the
// blob, and all that could have come of it.
func (s *env) state(ctx context.Context) (string, error) {
	var all []string
	add := func(o metav1.Object, content any) error {
		o.SetResourceVersion("")
		o.SetGeneration(0)
		o.SetCreationTimestamp(metav1.Time{})
		var records []string
		for _, fields := range o.GetManagedFields() {
			records = append(records, fmt.Sprintf("%s %s %s %s", fields.Manager, fields.Operation, fields.Subresource, fields.FieldsV1))
		}
		o.SetManagedFields(nil)
		text, err := yaml.Marshal(content)
		if _, native := content.(instance); !native { // who wrote the blob is the test's affair
			text = append(text, strings.Join(records, "\n")...)
		}
		all = append(all, varies.ReplaceAllString(strings.ReplaceAll(string(text), s.domain, "$domain"), "~"))
		return err
	}
	blob, err := s.xos.XosV1().KubernetesResourceInstances(s.domain).Get(ctx, "blob", metav1.GetOptions{})
	if err == nil {
		err = add(blob, blob)
	} else if apierrors.IsNotFound(err) {
		err = nil
	}
	if err != nil {
		return "", err
	}
	configs, err := s.kube.CoreV1().ConfigMaps(s.domain).List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", err
	}
	for i := range configs.Items {
		if configs.Items[i].Name == "kube-root-ca.crt" {
			continue
		}
		if err := add(&configs.Items[i], &configs.Items[i]); err != nil {
			return "", err
		}
	}
	accounts, err := s.kube.CoreV1().ServiceAccounts(s.domain).List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", err
	}
	for i := range accounts.Items {
		if accounts.Items[i].Name == operator {
			continue // its annotation is a hash over the principal's UID
		}
		if err := add(&accounts.Items[i], &accounts.Items[i]); err != nil {
			return "", err
		}
	}
	slices.Sort(all)
	return strings.Join(all, "---\n"), nil
}

// varies are UIDs and times.
var varies = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// undisturbed is the state to which the work leads when nothing goes wrong.
func (w work) undisturbed(t *testing.T) string {
	t.Helper()
	s := w.prepare(t)
	settled(s, s.manager, 0)
	mark := s.manager.Mark()
	w.begin(s)
	sent := settled(s, s.manager, mark).Writes().Where(s.about)
	require.Len(t, sent, w.writes, "%v", sent.Lines())
	state, err := s.state(t.Context())
	require.NoError(t, err)
	s.manager.Stop()
	return state
}

func TestTheNextManagerRecoversFromACrashAtAnyWrite(t *testing.T) {
	// Not parallel: these managers are stopped.
	for name, w := range works {
		t.Run(name, func(t *testing.T) {
			want := w.undisturbed(t)
			transport.EachCrash(t, w.writes, func(t *testing.T, k int, fault transport.Fault) {
				t.Helper()
				s := w.prepare(t)
				crashed := s.manager.CrashAt(t, k, fault, s.about)
				w.begin(s)
				s.crashes(crashed)
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

func TestAChangeAppliedBeforeACrashIsReportedOnceVisible(t *testing.T) {
	// Not parallel: these managers are stopped.
	s := works["changed"].prepare(t)
	crashed := s.manager.CrashAt(t, 2, transport.Drop{}, s.about)
	works["changed"].begin(s)
	s.crashes(crashed)
	s.manager.Stop()
	var seen atomic.Bool
	s.manager = inprocess.Launch(t, testkit.Deployed(t), func(r transport.Request) transport.Fault {
		if r.Namespace == s.domain && r.Resource == "configmaps" && (r.Verb == "list" || r.Verb == "watch") && !seen.Load() {
			return transport.Refuse{Err: apierrors.NewInternalError(errors.New("the list fails"))}
		}
		return nil
	})
	require.Equal(t, xosv1.KubectlStateCreated, s.unready("blob", xosv1.ReasonFailed, "the list fails").Status.KubectlState)
	seen.Store(true)
	require.Equal(t, xosv1.KubectlStateUpdated, s.ready("blob").Status.KubectlState)
	s.delete("blob")
}

func TestAnObjectAppliedBeforeACrashAndRemovedSinceIsPruned(t *testing.T) {
	// Not parallel: these managers are stopped.
	for name, test := range map[string]struct {
		// beside is how large an annotation is that the blob already has, such as
		// kubectl's copy of it.
		beside int
		// first are the writes up to the first status, which is not written.
		first []string
	}{
		"the annotation lists it": {0, []string{
			"patch kubernetesresourceinstances blob", "apply serviceaccounts worker", "apply configmaps settings",
		}},
		"the status lists it, for want of room": {256<<10 - 200, []string{
			"patch kubernetesresourceinstances blob", // refused: the annotation is too much
			"patch kubernetesresourceinstances blob", "patch kubernetesresourceinstances/status blob",
			"apply serviceaccounts worker", "apply configmaps settings",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := alone(t)
			crashed := s.manager.CrashAt(t, len(test.first)+1, transport.Drop{}, s.about)
			s.apply("blob", settings+account, func(i instance) {
				i.Annotations = map[string]string{"kubectl.kubernetes.io/last-applied-configuration": strings.Repeat("x", test.beside)}
			})
			s.crashes(crashed)
			s.manager.Stop()
			sent := s.manager.Since(0).Where(s.about).Writes().Lines()
			require.Equal(t, append(slices.Clone(test.first), "patch kubernetesresourceinstances/status blob"), sent, "up to the one that met its end")
			i, err := s.xos.XosV1().KubernetesResourceInstances(s.domain).Get(t.Context(), "blob", metav1.GetOptions{})
			require.NoError(t, err)
			require.Equal(t, test.beside == 0, i.Annotations[xosv1.IntentAnnotation] != "", "an annotation of %d bytes", len(i.Annotations[xosv1.IntentAnnotation]))
			require.Equal(t, test.beside == 0, len(i.Status.Inventory) == 0)
			testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)

			s.apply("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: others}}", func(i instance) {
				delete(i.Annotations, "kubectl.kubernetes.io/last-applied-configuration")
			})
			s.manager = inprocess.Start(t, testkit.Deployed(t))
			s.until("blob", func(i instance) bool { return len(i.Status.Inventory) == 1 })
			s.ready("blob")
			testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
			testkit.Absent(t, s.kube.CoreV1().ServiceAccounts(s.domain).Get, "worker")
			s.delete("blob")
		})
	}
}
