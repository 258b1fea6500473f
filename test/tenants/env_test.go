package tenants

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/manager"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/hack/plane/audit"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/test/tenants/oracle"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// managerNamespace is where the manager is deployed.
const managerNamespace = "xos-system"

// env is what all rows share: a plane, and a manager that is all there is to one.
type env struct {
	plane   *plane.Plane
	manager *inprocess.Manager
	user    *manifests.Client
	ledger  *ledger
	mark    audit.Mark

	mu sync.Mutex
	// known is what the rows have registered with the oracle.
	known oracle.Env
	// reported are the violations that a row has failed for.
	reported map[string]bool
}

func newEnv(t *testing.T) *env {
	t.Helper()
	p := plane.Shared(t)
	w := &env{
		plane: p, ledger: &ledger{}, mark: p.AuditMark(t), reported: map[string]bool{},
		known: oracle.Env{Manager: testkit.Account, ManagerNamespace: managerNamespace, Domains: map[string]oracle.Domain{}},
	}
	admin := p.Config()
	native, err := kubernetes.NewForConfig(admin)
	require.NoError(t, err)
	w.user, err = manifests.NewClient(admin)
	require.NoError(t, err)
	require.NoError(t, createRoles(t.Context(), native))
	w.manager, err = inprocess.Run(testkit.Deployed(t), manager.Options{Pull: pull.Options{Log: w.ledger}})
	require.NoError(t, err)
	t.Cleanup(func() {
		w.manager.Stop()
		for _, err := range w.manager.Failures() {
			t.Errorf("a part of the manager ended by itself: %v", err)
		}
	})
	custom, err := versioned.NewForConfig(admin)
	require.NoError(t, err)
	wait(t, func(ctx context.Context) string {
		_, err := custom.XosV1().KubernetesServices().Get(ctx, "kubernetes", metav1.GetOptions{})
		return because(err)
	})
	return w
}

// knows registers with the oracle a row's domains and what may be adopted there.
func (w *env) knows(domains map[string]oracle.Domain, consents []oracle.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for namespace, domain := range domains {
		w.known.Domains[namespace] = domain
	}
	w.known.Consents = append(w.known.Consents, consents...)
}

// violations are those in the log since the mark that no row has failed for, and
// that a function keeps.
func (w *env) violations(t *testing.T, since audit.Mark, keep func([]oracle.Violation) []oracle.Violation) []string {
	t.Helper()
	log := w.plane.AuditSince(t, since)
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []string
	for _, v := range keep(oracle.Judge(w.known, log)) {
		line := v.Event.Received.String() + " " + v.String()
		if !w.reported[line] {
			w.reported[line] = true
			found = append(found, v.String())
		}
	}
	return found
}

// judge asks the oracle about all that the manager did while rows ran, those that
// are over included.
func (w *env) judge(t *testing.T) {
	found := w.violations(t, w.mark, func(all []oracle.Violation) []oracle.Violation { return all })
	require.Empty(t, found, strings.Join(found, "\n"))
}

// ledger is a log that notes the events which it is handed.
type ledger struct {
	mu     sync.Mutex
	events []received
}

// received is what a consumer of the topic reads.
type received struct {
	Type, Subject, Source string
	Bytes                 int
	Status                string            `json:"status"`
	Name                  string            `json:"name"`
	Labels                map[string]string `json:"labels"`
}

// Open implements delivery.Log.
func (l *ledger) Open(context.Context, func(string, []byte)) (delivery.Session, error) { return l, nil }

// Close implements delivery.Session.
func (l *ledger) Close() {}

// Partitions implements delivery.Session. The inventory is not noted.
func (l *ledger) Partitions() (int32, error) { return 0, nil }

// Partition implements delivery.Session.
func (l *ledger) Partition(string) (int32, error) { return 0, nil }

// Commit implements delivery.Session.
func (l *ledger) Commit(_ context.Context, units []delivery.Unit) ([]error, error) {
	for _, unit := range units {
		for _, m := range unit.Messages {
			if err := l.note(m); err != nil {
				return nil, err
			}
		}
	}
	return make([]error, len(units)), nil
}

// note takes down an event of the topic of details.
func (l *ledger) note(m event.Message) error {
	if m.Topic != event.Details {
		return nil
	}
	e := received{Bytes: len(m.Value)}
	if err := json.Unmarshal(m.Value, &e); err != nil {
		return err
	}
	for _, h := range m.Headers {
		switch h.Name {
		case "ce_type":
			e.Type = h.Value
		case "ce_subject":
			e.Subject = h.Value
		case "ce_source":
			e.Source = h.Value
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
	return nil
}

// of returns the states that events reported of a pod: "created updated".
func (l *ledger) of(namespace, pod string) []received {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []received
	for _, e := range l.events {
		if e.Subject == namespace+"/"+pod {
			found = append(found, e)
		}
	}
	return found
}
