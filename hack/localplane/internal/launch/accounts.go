package launch

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// createControllerAccounts creates the service account of each controller in
// the controller manager, which would do so itself but takes four seconds of a
// start for it: its client sends 20 requests a second. Who they are is what
// RBAC's own bindings say.
func createControllerAccounts(ctx context.Context, client kubernetes.Interface) error {
	bindings, err := client.RbacV1().ClusterRoleBindings().List(ctx, metav1.ListOptions{
		LabelSelector: "kubernetes.io/bootstrapping=rbac-defaults",
	})
	if err != nil {
		return fmt.Errorf("list the bindings of controllers: %w", err)
	}
	for _, binding := range bindings.Items {
		for _, subject := range binding.Subjects {
			if subject.Kind != rbacv1.ServiceAccountKind || subject.Namespace != metav1.NamespaceSystem {
				continue
			}
			account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: subject.Name}}
			_, err := client.CoreV1().ServiceAccounts(subject.Namespace).Create(ctx, account, metav1.CreateOptions{})
			// The controller manager, or an earlier run, may have been first.
			if err != nil && !apierrors.IsAlreadyExists(err) {
				return fmt.Errorf("create service account %s: %w", subject.Name, err)
			}
		}
	}
	return nil
}

// awaitDefaultAccount waits for what every pod of a new cluster needs first.
func (p *Plane) awaitDefaultAccount(ctx context.Context, client kubernetes.Interface) error {
	return p.await(ctx, `service account "default"`, func(ctx context.Context) error {
		_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}
