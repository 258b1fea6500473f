package plane

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// longestPrefix leaves room for the random suffix, and for what tests put
// behind a namespace's name.
const longestPrefix = 40

var notOfName = regexp.MustCompile("[^a-z0-9]+")

// namespaceTimeout is far longer than the controller manager takes to fill a new
// namespace.
const namespaceTimeout = 30 * time.Second

// Namespace creates a namespace named after the test, with a random suffix, and
// returns its name once the cluster has put into it what is in every namespace:
// the ServiceAccount "default" and the ConfigMap "kube-root-ca.crt". It is
// deleted when the test ends, without waiting until all in it is gone.
func Namespace(tb testing.TB, p *Plane) string {
	tb.Helper()
	client, err := kubernetes.NewForConfig(p.Config())
	if err != nil {
		tb.Fatalf("make a client: %v", err)
	}
	namespace, err := client.CoreV1().Namespaces().Create(tb.Context(), &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{GenerateName: prefixFor(tb.Name())},
	}, metav1.CreateOptions{})
	if err != nil {
		tb.Fatalf("create a namespace: %v", err)
	}
	tb.Cleanup(func() {
		// The test's own context has ended by now.
		err := client.CoreV1().Namespaces().Delete(context.Background(), namespace.Name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			tb.Errorf("delete namespace %s: %v", namespace.Name, err)
		}
	})
	awaitDefaultObjects(tb, client, namespace.Name)
	return namespace.Name
}

// awaitDefaultObjects spares tests two surprises: that a first pod is refused for
// want of its ServiceAccount, and a ConfigMap that appears during a list.
func awaitDefaultObjects(tb testing.TB, client kubernetes.Interface, namespace string) {
	tb.Helper()
	Wait(tb, namespaceTimeout, func(ctx context.Context) (bool, string) {
		if _, err := client.CoreV1().ServiceAccounts(namespace).Get(ctx, "default", metav1.GetOptions{}); err != nil {
			return false, err.Error()
		}
		if _, err := client.CoreV1().ConfigMaps(namespace).Get(ctx, "kube-root-ca.crt", metav1.GetOptions{}); err != nil {
			return false, err.Error()
		}
		return true, ""
	})
}

// prefixFor turns a test's name into the beginning of a valid namespace name.
func prefixFor(test string) string {
	name := notOfName.ReplaceAllString(strings.ToLower(test), "-")
	if len(name) > longestPrefix {
		name = name[:longestPrefix]
	}
	return strings.Trim(name, "-") + "-"
}
