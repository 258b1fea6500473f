package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// floorWriters is how many records the floor writes at once.
const floorWriters = 16

// floor is the least that a client does that records pods: it watches them, creates a record of
// each that runs, writes its status once and deletes it with the pod. It publishes nothing, resolves
// no owner and repairs nothing.
type floor struct {
	xos  versioned.Interface
	work chan func(context.Context) error
}

// runFloor runs the floor on the pods with its label until the context ends.
func runFloor(ctx context.Context, kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1
	f := &floor{work: make(chan func(context.Context) error, 1<<16)}
	if f.xos, err = versioned.NewForConfig(config); err != nil {
		return err
	}
	native := rest.CopyConfig(config)
	native.ContentType = "application/vnd.kubernetes.protobuf"
	kube, err := kubernetes.NewForConfig(native)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactoryWithOptions(kube, 0, informers.WithTweakListOptions(func(o *metav1.ListOptions) {
		o.LabelSelector = turnLabel + "=" + floorTurn
	}))
	_, err = factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { f.changed(nil, o.(*corev1.Pod)) },
		UpdateFunc: func(before, after any) { f.changed(before.(*corev1.Pod), after.(*corev1.Pod)) },
		DeleteFunc: func(o any) {
			if pod, ok := o.(*corev1.Pod); ok {
				f.work <- func(ctx context.Context) error { return f.delete(ctx, pod) }
			}
		},
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	var writing sync.WaitGroup
	for range floorWriters {
		writing.Go(func() {
			for {
				select {
				case work := <-f.work:
					if err := work(ctx); err != nil && ctx.Err() == nil {
						fmt.Fprintln(os.Stderr, "floor:", err)
					}
				case <-ctx.Done():
					return
				}
			}
		})
	}
	writing.Wait()
	factory.Shutdown()
	return nil
}

// changed records a pod that begins to run.
func (f *floor) changed(before, after *corev1.Pod) {
	if running(after) && (before == nil || !running(before)) {
		f.work <- func(ctx context.Context) error { return f.record(ctx, after) }
	}
}

func running(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodRunning && pod.Status.PodIP != "" && observe.PodReady(pod)
}

func (f *floor) record(ctx context.Context, pod *corev1.Pod) error {
	records := f.xos.XosV1().KubernetesServiceInstances(pod.Namespace)
	created, err := records.Create(ctx, record.NewInstance(pod, record.References{}), metav1.CreateOptions{FieldManager: xosv1.FieldManager})
	if err != nil {
		return err
	}
	shown := created.Status
	observe.Pod(&shown, pod)
	status.SetConditions(&shown.ObjectStatus, status.Inventoried("", false), created.Generation, metav1.Now())
	patch, err := json.Marshal(map[string]any{"status": shown})
	if err != nil {
		return err
	}
	_, err = records.Patch(ctx, pod.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: xosv1.FieldManager}, "status")
	return err
}

func (f *floor) delete(ctx context.Context, pod *corev1.Pod) error {
	err := f.xos.XosV1().KubernetesServiceInstances(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil // it had not run yet
	}
	return err
}

// startFloor starts this program as the floor, a process of its own, so that its processor time is
// its own too.
func startFloor(kubeconfig string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-floor", kubeconfig) //nolint:gosec // this program
	cmd.Stderr = os.Stderr
	return cmd, cmd.Start()
}

// floorTurn has the floor record the same pods.
func (b *bench) floorTurn(ctx context.Context) (f figures, err error) {
	cmd, err := startFloor(b.plane.Kubeconfig())
	if err != nil {
		return f, err
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	idle := func(ctx context.Context) error {
		return processIdle(ctx, cmd.Process.Pid)
	}
	if err := b.warm(ctx, floorTurn, idle); err != nil {
		return f, err
	}
	if err := b.load(ctx, floorTurn, cmd.Process.Pid, idle, &f); err != nil {
		return f, err
	}
	return f, b.unload(ctx, floorTurn, cmd.Process.Pid, idle, &f)
}

// quiet is how long nothing happens before a turn counts as done. Counts are debounced for less.
const quiet = 3 * time.Second
