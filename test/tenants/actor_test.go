package tenants

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// accountsNamespace is where the attackers' accounts are: in no domain.
const accountsNamespace = "attackers"

// tenantRole is what a tenant may do in its namespaces. It may write no status.
const tenantRole = "xos-test-tenant"

var tenantKinds = []string{
	"principals", "slices", "slices/scale", "kubernetesserviceinstances", "kubernetesconfigmaps", "kubernetessecrets",
	"kubernetesconfigvolumemounts", "kubernetessecretvolumemounts", "kubernetesresourceinstances", "services", "serviceports",
}

func createRoles(ctx context.Context, client kubernetes.Interface) error {
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: tenantRole}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{xosv1.GroupName}, Resources: tenantKinds, Verbs: []string{"get", "list", "watch", "create", "update", "patch", "delete"}},
		{APIGroups: []string{""}, Resources: []string{"events"}, Verbs: []string{"get", "list", "watch"}},
	}}
	_, err := client.RbacV1().ClusterRoles().Create(ctx, role, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		_, err = client.RbacV1().ClusterRoles().Update(ctx, role, metav1.UpdateOptions{})
	}
	return err
}

// ref names an object.
type ref struct{ kind, namespace, name string }

func (r ref) String() string { return strings.TrimSuffix(r.kind+" "+r.namespace, " ") + "/" + r.name }

// actor is a sender of requests: an attacker, or the operator, who may do everything.
type actor struct {
	w       *env
	account string
	// home is the role of the namespace that it means when it names none.
	home   string
	client dynamic.Interface
}

// newActor makes the operator where account is empty.
func newActor(t *testing.T, w *env, account, home string) *actor {
	t.Helper()
	config := w.plane.Config()
	if account != "" {
		config.Impersonate = rest.ImpersonationConfig{UserName: "system:serviceaccount:" + accountsNamespace + ":" + account}
	}
	config.WarningHandler = rest.NoWarnings{}
	client, err := dynamic.NewForConfig(config)
	require.NoError(t, err)
	return &actor{w: w, account: account, home: home, client: client}
}

// roles are the ClusterRoles that it has in its namespaces.
func (a *actor) roles() []string {
	if a.home == other {
		return []string{tenantRole, "admin"}
	}
	return []string{tenantRole}
}

// natives are the groups of native kinds; all else is of xos.opencord.org.
var natives = map[string]schema.GroupVersion{}

func init() {
	for version, kinds := range map[string]string{
		"v1":                              "ConfigMap Secret Service ServiceAccount Pod Namespace Event PersistentVolumeClaim ReplicationController ResourceQuota",
		"apps/v1":                         "Deployment StatefulSet DaemonSet ReplicaSet",
		"batch/v1":                        "Job CronJob",
		"rbac.authorization.k8s.io/v1":    "Role RoleBinding ClusterRole ClusterRoleBinding",
		"admissionregistration.k8s.io/v1": "ValidatingWebhookConfiguration MutatingWebhookConfiguration",
		"apiextensions.k8s.io/v1":         "CustomResourceDefinition",
		"apiregistration.k8s.io/v1":       "APIService",
		"scheduling.k8s.io/v1":            "PriorityClass",
	} {
		for kind := range strings.FieldsSeq(kinds) {
			group, err := schema.ParseGroupVersion(version)
			if err != nil {
				panic(err)
			}
			natives[kind] = group
		}
	}
	// Both have a kind of this name; "Service" is ours, "NativeService" theirs.
	natives["NativeService"] = natives["Service"]
	delete(natives, "Service")
}

func kindOf(name string) schema.GroupVersionKind {
	if group, ok := natives[name]; ok {
		return group.WithKind(strings.TrimPrefix(name, "Native"))
	}
	return xosv1.SchemeGroupVersion.WithKind(name)
}

func (a *actor) resource(kind, namespace string) dynamic.ResourceInterface {
	return a.resourceOf(kindOf(kind), namespace)
}

func (a *actor) resourceOf(kind schema.GroupVersionKind, namespace string) dynamic.ResourceInterface {
	mapping, err := a.w.user.Mapping(kind)
	if err != nil {
		panic(fmt.Sprintf("%v: %v", kind, err)) // a mistake in a row
	}
	if namespace == "" {
		return a.client.Resource(mapping.Resource)
	}
	return a.client.Resource(mapping.Resource).Namespace(namespace)
}

func (a *actor) get(ctx context.Context, r ref) (*unstructured.Unstructured, error) {
	return a.resource(r.kind, r.namespace).Get(ctx, r.name, metav1.GetOptions{})
}

func (a *actor) delete(ctx context.Context, r ref) error {
	return a.resource(r.kind, r.namespace).Delete(ctx, r.name, metav1.DeleteOptions{})
}

func (a *actor) patch(ctx context.Context, r ref, patch string) error {
	_, err := a.resource(r.kind, r.namespace).Patch(ctx, r.name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	return err
}

// create creates an object; what its schema does not know is an error, unless the
// operator writes it, whose fields a version may lack.
func (a *actor) create(ctx context.Context, o *unstructured.Unstructured) error {
	validation := metav1.FieldValidationStrict
	if a.account == "" {
		validation = metav1.FieldValidationIgnore
	}
	_, err := a.resourceOf(o.GroupVersionKind(), o.GetNamespace()).Create(ctx, o, metav1.CreateOptions{FieldValidation: validation, FieldManager: a.manager()})
	return err
}

// replace is what "kubectl apply" does to an object that is there.
func (a *actor) replace(ctx context.Context, o *unstructured.Unstructured) error {
	_, err := a.resourceOf(o.GroupVersionKind(), o.GetNamespace()).Apply(ctx, o.GetName(), o, metav1.ApplyOptions{FieldManager: a.manager(), Force: true})
	return err
}

func (a *actor) manager() string {
	if a.account == "" {
		return "operator"
	}
	return a.account
}
