package chart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/hack/child"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/program"
	"xos.opencord.org/kubernetes-service/test/testkit/syncbuffer"
)

// kubelet runs the pods of the manager's namespace: the manager's program of this repository,
// with the pod's arguments and environment, and a token of its account. Images, which can't be
// pulled here, and volumes are what it leaves out. A pod that is deleted remains until its program
// has ended.
type kubelet struct {
	t      *testing.T
	ctx    context.Context
	client kubernetes.Interface
	plane  *plane.Plane
	binary string

	mu      sync.Mutex
	pods    map[types.UID]*pod
	logs    map[string]string
	ended   sync.WaitGroup
	address int
}

// pod is one that runs.
type pod struct {
	*child.Process
	*corev1.Pod
	log  *syncbuffer.Buffer
	host string
	// stop ends the wait for its probe, and asks the program to end.
	stop func() error
}

// built is the manager's program, built once.
var built = sync.OnceValues(func() (string, error) { return program.Build(builds) })

// runs is the finalizer of pods that run here. A pod of no node would be gone when it is deleted.
const runs = "example.org/runs"

// newKubelet runs pods until the test ends.
func newKubelet(t *testing.T, p *plane.Plane) *kubelet {
	t.Helper()
	binary, err := built()
	require.NoError(t, err)
	client, err := kubernetes.NewForConfig(p.Config())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	k := &kubelet{t: t, ctx: ctx, client: client, plane: p, binary: binary, pods: map[types.UID]*pod{}, logs: map[string]string{}}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	informer := factory.Core().V1().Pods().Informer()
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(o any) { k.start(o.(*corev1.Pod)) },
		UpdateFunc: func(_, o any) {
			if pod := o.(*corev1.Pod); pod.DeletionTimestamp != nil {
				k.end(pod.UID)
			}
		},
	})
	require.NoError(t, err)
	factory.Start(ctx.Done())
	t.Cleanup(func() {
		cancel()
		factory.Shutdown()
		for uid := range k.running() {
			k.end(uid)
		}
		k.ended.Wait()
		if t.Failed() {
			for name, log := range k.logs {
				t.Logf("the log of pod %s:\n%s", name, log)
			}
		}
	})
	return k
}

// running are the pods that run.
func (k *kubelet) running() map[types.UID]*pod {
	k.mu.Lock()
	defer k.mu.Unlock()
	copied := map[types.UID]*pod{}
	for uid, p := range k.pods {
		copied[uid] = p
	}
	return copied
}

// idle waits until no pod runs.
func (k *kubelet) idle() {
	k.t.Helper()
	plane.Wait(k.t, timeout, func(context.Context) (bool, string) {
		left := len(k.running())
		return left == 0, fmt.Sprintf("%d pods run", left)
	})
}

// run runs the program as an administrator with kubectl's configuration would.
func (k *kubelet) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, k.binary, append(args, "--kubeconfig="+k.plane.Kubeconfig())...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// start runs a pod, and reports what becomes of it.
func (k *kubelet) start(o *corev1.Pod) {
	if o.Status.Phase != corev1.PodPending || o.DeletionTimestamp != nil {
		return
	}
	k.mu.Lock()
	k.address++
	p := &pod{Pod: o, log: &syncbuffer.Buffer{}, host: fmt.Sprintf("127.0.9.%d", k.address)}
	k.mu.Unlock()
	if !k.hold(p, runs) {
		return
	}
	command, err := k.command(p)
	if err == nil {
		p.Process, err = child.Start("/usr/bin/env", command, p.log)
	}
	if err != nil {
		assert.NoError(k.t, err, "start pod %s", o.Name)
		return
	}
	ctx, unready := context.WithCancel(k.ctx)
	p.stop = sync.OnceValue(func() error {
		unready()
		return p.Signal(syscall.SIGTERM)
	})
	k.mu.Lock()
	k.pods[o.UID] = p
	k.mu.Unlock()
	k.ended.Go(func() {
		defer unready()
		k.report(p, corev1.PodRunning, k.ready(ctx, p))
		<-p.Done
		if p.ExitCode() == 0 {
			k.report(p, corev1.PodSucceeded, false)
		} else {
			k.report(p, corev1.PodFailed, false)
		}
		k.hold(p)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.logs[o.Name] = p.log.String()
		delete(k.pods, o.UID)
	})
}

// end stops a pod that was deleted, as a kubelet does.
func (k *kubelet) end(uid types.UID) {
	if p := k.running()[uid]; p != nil {
		if err := p.stop(); !errors.Is(err, os.ErrProcessDone) {
			assert.NoError(k.t, err)
		}
	}
}

// command is what a pod runs: its environment, the program, and its arguments with the address that
// the pod has here.
func (k *kubelet) command(p *pod) ([]string, error) {
	container := p.Spec.Containers[0]
	var command []string
	for _, e := range container.Env {
		command = append(command, e.Name+"="+e.Value)
	}
	kubeconfig, err := k.kubeconfig(p.Spec.ServiceAccountName)
	if err != nil {
		return nil, err
	}
	command = append(command, k.binary)
	for _, arg := range container.Args {
		command = append(command, strings.Replace(arg, "bind-address=:", "bind-address="+p.host+":", 1))
	}
	return append(command, "--kubeconfig="+kubeconfig), nil
}

func (k *kubelet) kubeconfig(account string) (string, error) {
	token, err := k.client.CoreV1().ServiceAccounts(namespace).CreateToken(k.ctx, account, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	config := rest.AnonymousClientConfig(k.plane.Config())
	config.BearerToken = token.Status.Token
	return program.Kubeconfig(k.t.TempDir(), config)
}

// ready waits until a pod passes its probe, and returns whether it does.
func (k *kubelet) ready(ctx context.Context, p *pod) bool {
	container := p.Spec.Containers[0]
	if container.ReadinessProbe == nil {
		return true
	}
	port := ""
	for _, named := range container.Ports {
		if named.Name == container.ReadinessProbe.HTTPGet.Port.StrVal {
			port = strconv.Itoa(int(named.ContainerPort))
		}
	}
	url := "http://" + p.host + ":" + port + container.ReadinessProbe.HTTPGet.Path
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return false
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return true
			}
		}
		select {
		case <-ctx.Done():
			return false
		case <-p.Done:
			return false
		case <-tick.C:
		}
	}
}

// report writes the status of a pod.
func (k *kubelet) report(p *pod, phase corev1.PodPhase, ready bool) {
	condition := corev1.ConditionFalse
	if ready {
		condition = corev1.ConditionTrue
	}
	now := metav1.Now()
	state := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}}
	if phase != corev1.PodRunning {
		state = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: int32(p.ExitCode()), FinishedAt: now}}
	}
	status, err := json.Marshal(map[string]any{"status": corev1.PodStatus{
		Phase: phase, StartTime: &now,
		Conditions: []corev1.PodCondition{
			{Type: corev1.PodReady, Status: condition, LastTransitionTime: now},
			{Type: corev1.ContainersReady, Status: condition, LastTransitionTime: now},
		},
		ContainerStatuses: []corev1.ContainerStatus{{Name: p.Spec.Containers[0].Name, Image: p.Spec.Containers[0].Image, Ready: ready, State: state}},
	}})
	assert.NoError(k.t, err)
	k.patch(p, types.StrategicMergePatchType, status, "status")
}

// hold sets the finalizer of a pod, or removes it, and returns whether the pod is there.
func (k *kubelet) hold(p *pod, finalizers ...string) bool {
	change := map[string]any{"$deleteFromPrimitiveList/finalizers": []string{runs}}
	if len(finalizers) > 0 {
		change = map[string]any{"finalizers": finalizers}
	}
	text, err := json.Marshal(map[string]any{"metadata": change})
	assert.NoError(k.t, err)
	return k.patch(p, types.StrategicMergePatchType, text)
}

// patch changes a pod, and returns whether it is there.
func (k *kubelet) patch(p *pod, kind types.PatchType, text []byte, subresources ...string) bool {
	_, err := k.client.CoreV1().Pods(namespace).Patch(context.WithoutCancel(k.ctx), p.Name, kind, text, metav1.PatchOptions{}, subresources...)
	if apierrors.IsNotFound(err) {
		return false
	}
	return assert.NoError(k.t, err, "patch pod %s", p.Name)
}
