package faults_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/program"
)

// ownNamespace is where the manager is deployed.
const ownNamespace = "xos-system"

// scene is what a scenario plays on: namespaces of its own on the shared plane, of which the
// pull selects all but one, a broker of its own, and a manager that is a process.
type scene struct {
	*testing.T
	plane   *plane.Plane
	kube    kubernetes.Interface
	xos     versioned.Interface
	config  *rest.Config
	rand    *rand.Rand
	broker  *broker
	history *history

	// selected are the namespaces that the pull selects; other is one that it does not.
	selected []string
	other    string

	manager *worker
	started int
	// managerAway are the times for which no manager worked.
	managerAway []span
	idleSince   time.Time
	// dying are the times right before each of them.
	dying []span
	// forgotten are the namespaces that were deleted, and when that was asked for.
	forgotten map[string]time.Time
}

// newScene prepares all but the manager.
func newScene(t *testing.T, namespaces int) *scene {
	t.Helper()
	p := plane.Shared(t)
	s := &scene{
		T: t, plane: p, kube: kubernetes.NewForConfigOrDie(p.Config()), xos: versioned.NewForConfigOrDie(p.Config()),
		config: testkit.DeployedOn(t, p), rand: newRand(t), broker: newBroker(t), idleSince: time.Now(), forgotten: map[string]time.Time{},
	}
	s.history = record(t, p)
	for range namespaces {
		s.selected = append(s.selected, s.namespace())
	}
	s.other = s.namespace()
	s.selectOnly(s.selected...)
	return s
}

// newRand is the randomness of a scenario.
func newRand(t *testing.T) *rand.Rand {
	t.Helper()
	name := fnv.New64a()
	_, _ = name.Write([]byte(t.Name()))
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("XOS_FAULTS_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "XOS_FAULTS_SEED")
	}
	t.Logf("XOS_FAULTS_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, name.Sum64()))
}

func (s *scene) namespace() string {
	s.Helper()
	name := plane.Namespace(s.T, s.plane)
	used.Lock()
	defer used.Unlock()
	used.plane, used.names = s.plane.Plane, append(used.names, name)
	return name
}

// selectOnly limits the pull to namespaces by a label that only this scenario's have.
func (s *scene) selectOnly(namespaces ...string) {
	s.Helper()
	label := "pulled-by-" + s.other
	for _, name := range namespaces {
		patch := fmt.Appendf(nil, `{"metadata":{"labels":{%q:"true"}}}`, label)
		_, err := s.kube.CoreV1().Namespaces().Patch(s.Context(), name, "application/merge-patch+json", patch, metav1.PatchOptions{})
		require.NoError(s, err)
	}
	s.setPull(xosv1.PullSpec{Enabled: ptr.To(true), ResyncSeconds: ptr.To[int32](10), NamespaceSelector: &metav1.LabelSelector{
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: label, Operator: metav1.LabelSelectorOpExists}},
	}})
}

// setPull writes spec.pull of the one KubernetesService, and makes it if need be.
func (s *scene) setPull(spec xosv1.PullSpec) {
	s.Helper()
	plane.Wait(s, waitTimeout, func(ctx context.Context) (bool, string) {
		services := s.xos.XosV1().KubernetesServices()
		service, err := services.Get(ctx, xosv1.DefaultKubernetesService, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			service = &xosv1.KubernetesService{ObjectMeta: metav1.ObjectMeta{Name: xosv1.DefaultKubernetesService}}
			service.Spec.Pull = spec
			_, err = services.Create(ctx, service, metav1.CreateOptions{})
			return err == nil, fmt.Sprint(err)
		}
		if err == nil {
			service.Spec.Pull = spec
			_, err = services.Update(ctx, service, metav1.UpdateOptions{})
		}
		return err == nil, fmt.Sprint(err)
	})
}

// worker is the manager at work.
type worker struct {
	*program.Process
	probes string
}

// launch starts a manager, and does not wait for it.
func (s *scene) launch(flags ...string) *worker {
	s.Helper()
	s.started++
	w := &worker{probes: freeAddress(s.T)}
	name := fmt.Sprintf("manager-%d", s.started)
	w.Process = program.Start(s, name, managerBinary, s.config, append([]string{
		"--health-probe-bind-address=" + w.probes, "--metrics-bind-address=0", "--kafka-brokers=" + s.broker.address(),
	}, flags...)...)
	path := filepath.Join(s.ArtifactDir(), name+".log")
	s.Cleanup(func() {
		if s.Failed() {
			if err := os.WriteFile(path, []byte(w.Log()), 0o600); err != nil {
				s.Error(err)
			}
		}
	})
	return w
}

// start starts the manager, alone and without an election, and returns when its caches are
// filled.
func (s *scene) start() {
	s.Helper()
	s.manager = s.launch("--leader-elect=false")
	s.awaitWorking(s.manager)
}

// awaitWorking waits until a manager works: from then on it sees each pod.
func (s *scene) awaitWorking(w *worker) {
	s.Helper()
	plane.Wait(s, waitTimeout, func(ctx context.Context) (bool, string) {
		select {
		case <-w.Done:
			s.Fatalf("%s ended by itself:\n%s", w.Name, w.Log())
		default:
		}
		if !strings.Contains(w.Log(), "Working") {
			return false, w.Name + " does not work"
		}
		return w.ready(ctx)
	})
	s.managerAway = append(s.managerAway, span{s.idleSince, time.Now()})
	s.idleSince = time.Time{}
}

func (w *worker) ready(ctx context.Context) (bool, string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.probes+"/readyz", nil)
	if err != nil {
		return false, err.Error()
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, err.Error()
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK, w.Name + " is not ready: " + answer.Status
}

// kill ends the manager as a crash does.
func (s *scene) kill() {
	s.Helper()
	s.dies()
	s.manager.Kill()
	s.manager = nil
}

// lossWindow is the time before a manager's death in which what it saw may be known to
// nothing outside the process: an end that waits for Kafka is stored, and a pod that starts
// is recorded, after half a second; the rest is what a busy machine needs.
const lossWindow = 2 * time.Second

// dies notes that the manager ends now, or stops to answer.
func (s *scene) dies() {
	s.idleSince = time.Now()
	s.dying = append(s.dying, span{s.idleSince.Add(-lossWindow), s.idleSince})
}

// away are the times for which no manager worked.
func (s *scene) away() []span {
	if s.idleSince.IsZero() {
		return s.managerAway
	}
	return append(s.managerAway[:len(s.managerAway):len(s.managerAway)], span{s.idleSince, time.Now()})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}
