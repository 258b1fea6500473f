package chart

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
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
	"xos.opencord.org/kubernetes-service/test/testkit/program"
)

// kubelet runs the pods of the manager's namespace: the manager's program of this repository,
// with the pod's arguments, environment and Secrets, and a token of its account. Its images can't
// be pulled here, and are what it leaves out.
type kubelet struct {
	t      *testing.T
	ctx    context.Context
	client kubernetes.Interface
	admin  *rest.Config
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
	log  *buffer
	host string
	stop context.CancelFunc
}

type buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// newKubelet runs pods until the test ends.
func newKubelet(t *testing.T, admin *rest.Config) *kubelet {
	t.Helper()
	binary, err := program.Build(t.TempDir())
	require.NoError(t, err)
	client, err := kubernetes.NewForConfig(admin)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	k := &kubelet{t: t, ctx: ctx, client: client, admin: admin, binary: binary, pods: map[types.UID]*pod{}, logs: map[string]string{}}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	informer := factory.Core().V1().Pods().Informer()
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(o any) { k.start(o.(*corev1.Pod)) },
		DeleteFunc: func(o any) {
			if last, ok := o.(cache.DeletedFinalStateUnknown); ok {
				o = last.Obj
			}
			k.end(o.(*corev1.Pod).UID)
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

// start runs a pod, and reports what becomes of it.
func (k *kubelet) start(o *corev1.Pod) {
	if o.Status.Phase != corev1.PodPending || o.DeletionTimestamp != nil {
		return
	}
	k.mu.Lock()
	k.address++
	p := &pod{Pod: o, log: &buffer{}, host: fmt.Sprintf("127.0.9.%d", k.address)}
	k.mu.Unlock()
	command, err := k.command(p)
	if err == nil {
		p.Process, err = child.Start("/usr/bin/env", command, p.log)
	}
	if err != nil {
		assert.NoError(k.t, err, "start pod %s", o.Name)
		return
	}
	var ctx context.Context
	ctx, p.stop = context.WithCancel(k.ctx)
	k.mu.Lock()
	k.pods[o.UID] = p
	k.mu.Unlock()
	k.ended.Go(func() {
		defer p.stop()
		k.report(p, corev1.PodRunning, k.ready(ctx, p))
		<-p.Done
		k.mu.Lock()
		defer k.mu.Unlock()
		k.logs[o.Name] = p.log.String()
		delete(k.pods, o.UID)
		if p.ExitCode() == 0 {
			k.report(p, corev1.PodSucceeded, false)
		} else {
			k.report(p, corev1.PodFailed, false)
		}
	})
}

// end stops a pod that was deleted, as a kubelet does.
func (k *kubelet) end(uid types.UID) {
	if p := k.running()[uid]; p != nil {
		p.stop()
		assert.NoError(k.t, p.Signal(syscall.SIGTERM))
	}
}

// command is what a pod runs: its environment, the program, and its arguments with the paths and
// addresses that it has here.
func (k *kubelet) command(p *pod) ([]string, error) {
	container := p.Spec.Containers[0]
	var command, paths []string
	for _, e := range container.Env {
		command = append(command, e.Name+"="+e.Value)
	}
	for _, mount := range container.VolumeMounts {
		dir, err := k.secret(p, mount.Name)
		if err != nil {
			return nil, err
		}
		paths = append(paths, mount.MountPath+"/", dir+"/")
	}
	places := strings.NewReplacer(append(paths, "bind-address=:", "bind-address="+p.host+":")...)
	kubeconfig, err := k.kubeconfig(p.Spec.ServiceAccountName)
	if err != nil {
		return nil, err
	}
	command = append(command, k.binary)
	for _, arg := range container.Args {
		command = append(command, places.Replace(arg))
	}
	return append(command, "--kubeconfig="+kubeconfig), nil
}

// secret writes the files of a volume.
func (k *kubelet) secret(p *pod, volume string) (string, error) {
	for _, v := range p.Spec.Volumes {
		if v.Name != volume || v.Secret == nil {
			continue
		}
		secret, err := k.client.CoreV1().Secrets(namespace).Get(k.ctx, v.Secret.SecretName, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		dir := k.t.TempDir()
		for key, value := range secret.Data {
			if err := os.WriteFile(filepath.Join(dir, key), value, 0o600); err != nil {
				return "", err
			}
		}
		return dir, nil
	}
	return "", fmt.Errorf("pod %s has no Secret for volume %s", p.Name, volume)
}

func (k *kubelet) kubeconfig(account string) (string, error) {
	token, err := k.client.CoreV1().ServiceAccounts(namespace).CreateToken(k.ctx, account, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	config := rest.AnonymousClientConfig(k.admin)
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
	_, err = k.client.CoreV1().Pods(namespace).Patch(context.WithoutCancel(k.ctx), p.Name, types.StrategicMergePatchType, status, metav1.PatchOptions{}, "status")
	if !apierrors.IsNotFound(err) {
		assert.NoError(k.t, err, "report pod %s", p.Name)
	}
}
