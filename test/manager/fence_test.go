package manager

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/kubernetes"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// fenceLabel opens a namespace to the manager.
const fenceLabel = "xos.opencord.org/fence"

// fenced are clients that act as the deployed manager, with the fence up.
type fenced struct {
	kube, admin kubernetes.Interface
	xos         versioned.Interface
}

func newFenced(t *testing.T) *fenced {
	t.Helper()
	admin := plane.Shared(t).Config()
	config := testkit.DeployedOn(t, plane.Shared(t))
	f := &fenced{kube: kubernetes.NewForConfigOrDie(config), admin: kubernetes.NewForConfigOrDie(admin), xos: versioned.NewForConfigOrDie(config)}
	// The API server takes notice of a policy some time after it was written.
	plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		_, err := f.kube.CoreV1().ConfigMaps("default").Create(ctx, configMap(), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return apierrors.IsForbidden(err), "the fence is not up yet"
	})
	return f
}

func configMap() *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "map-" + rand.String(6)}}
}

// namespace makes one with these labels.
func (f *fenced) namespace(t *testing.T, labels map[string]string) string {
	t.Helper()
	made, err := f.admin.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "fence-", Labels: labels},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		err := f.admin.CoreV1().Namespaces().Delete(context.Background(), made.Name, metav1.DeleteOptions{})
		if !apierrors.IsNotFound(err) {
			require.NoError(t, err)
		}
	})
	return made.Name
}

var labelled = map[string]string{xosv1.ManagedByLabel: xosv1.ManagedByValue}

// requireFenced checks that the fence refused a request, and nothing else did.
func requireFenced(t *testing.T, err error, words string) {
	t.Helper()
	require.True(t, apierrors.IsForbidden(err), "%v", err)
	require.ErrorContains(t, err, "ValidatingAdmissionPolicy 'xos-controller-manager-fence'")
	require.ErrorContains(t, err, "the manager is fenced: "+words)
}

func TestTheFenceKeepsTheManagerInTheNamespacesOfTrustDomains(t *testing.T) {
	f := newFenced(t)
	foreign, own, opened := f.namespace(t, nil), f.namespace(t, labelled), f.namespace(t, map[string]string{fenceLabel: "open"})
	for namespace, refusal := range map[string]string{
		"kube-system":     "it writes nothing native in namespace kube-system",
		"kube-node-lease": "it writes nothing native in namespace kube-node-lease",
		ownNamespace:      "in its own namespace it writes its Lease and pending events alone",
		"default":         "no managed TrustDomain has made or adopted namespace default",
		foreign:           "no managed TrustDomain has made or adopted namespace " + foreign + "; an administrator may open it by the label xos.opencord.org/fence: open",
		own:               "",
		opened:            "",
	} {
		t.Run(namespace, func(t *testing.T) {
			maps := f.kube.CoreV1().ConfigMaps(namespace)
			theirs, err := f.admin.CoreV1().ConfigMaps(namespace).Create(t.Context(), configMap(), metav1.CreateOptions{})
			require.NoError(t, err)
			t.Cleanup(func() {
				err := f.admin.CoreV1().ConfigMaps(namespace).Delete(context.Background(), theirs.Name, metav1.DeleteOptions{})
				if !apierrors.IsNotFound(err) {
					require.NoError(t, err)
				}
			})
			_, created := maps.Create(t.Context(), configMap(), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
			_, patched := maps.Patch(t.Context(), theirs.Name, types.MergePatchType, []byte(`{"data":{"a":"b"}}`), metav1.PatchOptions{})
			for _, err := range []error{created, patched, maps.Delete(t.Context(), theirs.Name, metav1.DeleteOptions{})} {
				if refusal == "" {
					require.NoError(t, err)
				} else {
					requireFenced(t, err, refusal)
				}
			}
		})
	}
}

func TestTheFenceLetsTheManagerHaveNamespacesOfItsOwn(t *testing.T) {
	f := newFenced(t)
	namespaces := f.kube.CoreV1().Namespaces()
	foreign, own := f.namespace(t, nil), f.namespace(t, labelled)
	made, err := namespaces.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "fence-" + rand.String(6), Labels: labelled}}, metav1.CreateOptions{})
	require.NoError(t, err)
	require.NoError(t, namespaces.Delete(t.Context(), made.Name, metav1.DeleteOptions{}))
	require.NoError(t, namespaces.Delete(t.Context(), own, metav1.DeleteOptions{}))
	requireFenced(t, namespaces.Delete(t.Context(), foreign, metav1.DeleteOptions{}), "no managed TrustDomain has made or adopted namespace "+foreign)

	_, err = namespaces.Patch(t.Context(), foreign, types.MergePatchType, []byte(`{"metadata":{"labels":{"a":"b"}}}`), metav1.PatchOptions{})
	requireFenced(t, err, "no managed TrustDomain has made or adopted namespace "+foreign)
	adopt := []byte(`{"metadata":{"labels":{"app.kubernetes.io/managed-by":"xos.opencord.org"}}}`)
	_, err = namespaces.Patch(t.Context(), foreign, types.MergePatchType, adopt, metav1.PatchOptions{})
	require.NoError(t, err)
	for _, builtin := range []string{"kube-system", ownNamespace} {
		_, err = namespaces.Patch(t.Context(), builtin, types.MergePatchType, adopt, metav1.PatchOptions{})
		requireFenced(t, err, "")
	}
	_, err = namespaces.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kube-" + rand.String(6)}}, metav1.CreateOptions{})
	requireFenced(t, err, "it writes nothing native in namespace kube-")
}

func TestTheFenceLetsTheManagerAdoptWhatItsOwnerAgreesTo(t *testing.T) {
	f := newFenced(t)
	for namespace, refusal := range map[string]string{
		f.namespace(t, nil): "",
		"kube-system":       "it writes nothing native in namespace kube-system",
		ownNamespace:        "in its own namespace it writes its Lease and pending events alone",
	} {
		agreed := configMap()
		agreed.Annotations = map[string]string{"xos.opencord.org/adoptable": "true"}
		_, err := f.admin.CoreV1().ConfigMaps(namespace).Create(t.Context(), agreed, metav1.CreateOptions{})
		require.NoError(t, err)
		t.Cleanup(func() {
			require.NoError(t, f.admin.CoreV1().ConfigMaps(namespace).Delete(context.Background(), agreed.Name, metav1.DeleteOptions{}))
		})
		_, err = f.kube.CoreV1().ConfigMaps(namespace).Patch(t.Context(), agreed.Name, types.MergePatchType, []byte(`{"data":{"a":"b"}}`), metav1.PatchOptions{})
		if refusal == "" {
			require.NoError(t, err)
		} else {
			requireFenced(t, err, refusal)
		}
	}
}

func TestTheFenceLetsTheManagerTakeBackARoleWhereverItIs(t *testing.T) {
	f := newFenced(t)
	foreign := f.namespace(t, nil)
	for _, c := range []struct {
		namespace string
		labels    map[string]string
		refusal   string
	}{
		{foreign, labelled, ""},
		{foreign, nil, "no managed TrustDomain has made or adopted namespace " + foreign},
		{"kube-system", labelled, "it writes nothing native in namespace kube-system"},
	} {
		bindings := f.admin.RbacV1().RoleBindings(c.namespace)
		binding, err := bindings.Create(t.Context(), &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "fence-", Labels: c.labels},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
		}, metav1.CreateOptions{})
		require.NoError(t, err)
		t.Cleanup(func() {
			err := bindings.Delete(context.Background(), binding.Name, metav1.DeleteOptions{})
			require.True(t, err == nil || apierrors.IsNotFound(err), "%v", err)
		})
		_, err = f.kube.RbacV1().RoleBindings(c.namespace).Patch(t.Context(), binding.Name, types.MergePatchType, []byte(`{"metadata":{"labels":{"a":"b"}}}`), metav1.PatchOptions{})
		requireFenced(t, err, "")
		err = f.kube.RbacV1().RoleBindings(c.namespace).Delete(t.Context(), binding.Name, metav1.DeleteOptions{})
		if c.refusal == "" {
			require.NoError(t, err)
		} else {
			requireFenced(t, err, c.refusal)
		}
	}
}

func TestTheFenceLetsTheManagerKeepPendingEvents(t *testing.T) {
	f := newFenced(t)
	kept := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "pending-event-" + rand.String(6)}}
	maps := f.kube.CoreV1().ConfigMaps(ownNamespace)
	_, err := maps.Create(t.Context(), kept, metav1.CreateOptions{})
	require.NoError(t, err)
	require.NoError(t, maps.Delete(t.Context(), kept.Name, metav1.DeleteOptions{}))
	_, err = f.kube.CoreV1().ConfigMaps("kube-system").Create(t.Context(), kept, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	requireFenced(t, err, "it writes nothing native in namespace kube-system")
}

func TestTheFenceIsNoneForCustomResourcesAndForOthers(t *testing.T) {
	f := newFenced(t)
	foreign := f.namespace(t, nil)
	_, err := f.xos.XosV1().Principals(foreign).Create(t.Context(), &xosv1.Principal{ObjectMeta: metav1.ObjectMeta{Name: "web"}}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	require.NoError(t, err)
	_, err = f.admin.CoreV1().ConfigMaps("kube-system").Create(t.Context(), configMap(), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	require.NoError(t, err)
}
