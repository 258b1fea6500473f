package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utilrand "k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// user is the field manager of the users that write custom resources, hand that of
// the users that edit native objects.
const user, byHand = "user", "hand"

// walk is an environment and what has been done to it.
type walk struct {
	*testing.T
	seed    uint64
	env     string
	plane   *plane.Plane
	kube    kubernetes.Interface
	dynamic dynamic.Interface
	crew    *crew
	slots   []slot
	domains []slot
	taken   []string
	began   time.Time
	// left names the owners whose native objects a step has orphaned, or may have.
	left map[string]bool
	// bystanders are objects of others.
	bystanders []*bystander
	// all has those steps taken too that are known to lead astray; see the package.
	all bool
}

func newWalk(t *testing.T, seed uint64, c *crew) *walk {
	t.Helper()
	p := plane.Shared(t)
	env := "c" + utilrand.String(5)
	return &walk{
		T: t, seed: seed, env: env, plane: p, all: os.Getenv("XOS_CHAOS_ALL") != "", crew: c, slots: cast(env), domains: domains(env), began: time.Now(),
		kube: kubernetes.NewForConfigOrDie(p.Config()), dynamic: dynamic.NewForConfigOrDie(p.Config()), left: map[string]bool{},
	}
}

// run makes the walk and judges where it led.
func (w *walk) run(steps int) {
	w.Cleanup(w.report)
	w.Cleanup(w.wipe)
	w.addNamespace(w.env + "-home")
	w.addNamespace(w.others())
	w.withoutPull()
	w.note("%s starts", w.crew.start())
	for _, d := range w.domains {
		require.NoError(w, w.apply(d.object(d.specs[0])))
	}
	w.narrow()
	for i := range steps {
		w.step(i)
	}
	w.judge()
}

// withoutPull has processes not inventory what they find: a walk is about what they
// make.
func (w *walk) withoutPull() {
	w.Helper()
	o := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"pull": map[string]any{"enabled": false}}}}
	o.SetGroupVersionKind(xosv1.SchemeGroupVersion.WithKind("KubernetesService"))
	o.SetName(xosv1.DefaultKubernetesService)
	_, err := w.dynamic.Resource(custom("kubernetesservices")).Apply(w.Context(), o.GetName(), o, metav1.ApplyOptions{FieldManager: user, Force: true})
	require.NoError(w, err)
}

// random is the source of what is random in a step.
func (w *walk) random(step int) *rand.Rand { return rand.New(rand.NewPCG(w.seed, uint64(step))) } //nolint:gosec // a walk has to be repeatable

// narrow leaves some of the slots, so that more happens to each.
func (w *walk) narrow() {
	r := w.random(1 << 20)
	r.Shuffle(len(w.slots), func(i, j int) { w.slots[i], w.slots[j] = w.slots[j], w.slots[i] })
	w.slots = w.slots[:len(w.slots)*2/3]
}

func (w *walk) note(format string, args ...any) {
	w.taken = append(w.taken, fmt.Sprintf("%8.3fs  ", time.Since(w.began).Seconds())+fmt.Sprintf(format, args...))
}

// wipe takes both environments away, whatever holds them, so that the next walk is alone.
func (w *walk) wipe() {
	ctx := context.Background()
	for _, env := range []string{w.env, w.fresh()} {
		all, err := w.customs(ctx, env)
		if err != nil {
			w.Error(err)
		}
		for i := range all {
			o := &all[i]
			_, _ = w.client(o).Patch(ctx, o.GetName(), types.MergePatchType, []byte(without(o.GetFinalizers())), metav1.PatchOptions{})
			_ = w.client(o).Delete(ctx, o.GetName(), metav1.DeleteOptions{})
		}
		for _, name := range []string{"-home", "-a", "-b", "-others"} {
			_ = w.kube.CoreV1().Namespaces().Delete(ctx, env+name, metav1.DeleteOptions{})
		}
	}
}

// fresh is the environment that the walk's is compared with.
func (w *walk) fresh() string { return "r" + w.env[1:] }

// report prints what was done where the walk has failed.
func (w *walk) report() {
	if w.Failed() {
		w.Logf("seed %d; the env is %s; what was done:\n%s", w.seed, w.env, strings.Join(w.taken, "\n"))
	}
}

// others is the namespace of clients that do not use XOS.
func (w *walk) others() string { return w.env + "-others" }

// places are the namespaces of the trust domains.
func (w *walk) places() []string { return []string{w.env + "-a", w.env + "-b"} }

func (w *walk) addNamespace(name string) {
	w.Helper()
	plane.Wait(w, waitTimeout, func(ctx context.Context) (bool, string) {
		_, err := w.kube.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			got, err := w.kube.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
			return err == nil && got.DeletionTimestamp == nil, fmt.Sprintf("namespace %s is still being deleted", name)
		}
		return err == nil, fmt.Sprint(err)
	})
}

func (w *walk) client(o *unstructured.Unstructured) dynamic.ResourceInterface {
	return w.dynamic.Resource(resources[o.GetKind()]).Namespace(o.GetNamespace())
}

// apply is kubectl apply. What can happen to it in an environment that is being taken apart
// is no failure of the walk; the answer is noted.
func (w *walk) apply(o *unstructured.Unstructured) error {
	w.Helper()
	_, err := w.client(o).Apply(w.Context(), o.GetName(), o, metav1.ApplyOptions{FieldManager: user, Force: true})
	return w.tolerable(err)
}

// tolerable fails the walk where an error is not one of an environment that changes.
func (w *walk) tolerable(err error) error {
	w.Helper()
	if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) ||
		apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) || changedForbidden(err) {
		return err
	}
	require.NoError(w, err)
	return err
}

// changedForbidden returns whether a write was refused for a rule about changes.
func changedForbidden(err error) bool {
	return apierrors.IsInvalid(err) && strings.Contains(err.Error(), "can't change")
}

// gone waits until no object of a slot is there, whatever holds it.
func (w *walk) gone(s slot, uid types.UID) {
	w.Helper()
	client := w.dynamic.Resource(resources[s.kind]).Namespace(s.namespace)
	plane.Wait(w, waitTimeout, func(ctx context.Context) (bool, string) {
		o, err := client.Get(ctx, s.name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) || (err == nil && o.GetUID() != uid) {
			return true, ""
		}
		if err == nil && slices.Contains(o.GetFinalizers(), cleanup) {
			_, err = client.Patch(ctx, s.name, types.MergePatchType, []byte(without(o.GetFinalizers())), metav1.PatchOptions{FieldManager: byHand})
		}
		return false, fmt.Sprintf("%s is still there: %v", s, err)
	})
}

// list lists the objects of a resource in a namespace, ordered by name.
func (w *walk) list(ctx context.Context, resource schema.GroupVersionResource, namespace string) ([]unstructured.Unstructured, error) {
	list, err := w.dynamic.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// customs are the custom resources of an environment.
func (w *walk) customs(ctx context.Context, env string) ([]unstructured.Unstructured, error) {
	var all []unstructured.Unstructured
	for _, resource := range resources {
		items, err := w.list(ctx, resource, "")
		if err != nil {
			return nil, err
		}
		for i := range items {
			if at := items[i].GetNamespace() + "/" + items[i].GetName(); strings.HasPrefix(strings.TrimPrefix(at, "/"), env+"-") {
				all = append(all, items[i])
			}
		}
	}
	slices.SortFunc(all, func(a, b unstructured.Unstructured) int { return strings.Compare(id(&a), id(&b)) })
	return all, nil
}

// made are the native objects in the trust domains of an environment, and their namespaces.
func (w *walk) made(ctx context.Context, env string) ([]unstructured.Unstructured, error) {
	var all []unstructured.Unstructured
	for _, place := range []string{env + "-a", env + "-b"} {
		namespace, err := w.dynamic.Resource(namespaces).Get(ctx, place, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		all = append(all, *namespace)
		for _, resource := range natives {
			items, err := w.list(ctx, resource, place)
			if err != nil {
				return nil, err
			}
			all = append(all, items...)
		}
	}
	return slices.DeleteFunc(all, func(o unstructured.Unstructured) bool {
		return o.GetName() == "kube-root-ca.crt" || (o.GetKind() == "ServiceAccount" && o.GetName() == "default")
	}), nil
}

func id(o *unstructured.Unstructured) string {
	return fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName())
}
