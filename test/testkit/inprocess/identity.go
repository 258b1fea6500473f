package inprocess

import (
	"context"
	"errors"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/hack/manifests"
)

// Where the manager is deployed; its manifests say the same.
const (
	deployNamespace = "xos-system"
	deployAccount   = "xos-controller-manager"
)

// rightsTimeout is far longer than the API server takes to notice a role.
const rightsTimeout = 30 * time.Second

// AsDeployed applies files (those of the manager's namespace, ServiceAccount
// and rights) with an administrator's configuration, and returns a configuration
// that acts as that ServiceAccount. So a right that the files lack shows.
func AsDeployed(ctx context.Context, admin *rest.Config, paths ...string) (*rest.Config, error) {
	user, err := manifests.NewClient(admin)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		objects, err := manifests.ReadFiles(path)
		if err != nil {
			return nil, err
		}
		for _, object := range objects {
			if err := user.Apply(ctx, object, "xos-inprocess"); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	client, err := kubernetes.NewForConfig(admin)
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	token, err := client.CoreV1().ServiceAccounts(deployNamespace).
		CreateToken(ctx, deployAccount, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("ask for a token of ServiceAccount %s/%s: %w", deployNamespace, deployAccount, err)
	}
	config := rest.AnonymousClientConfig(admin)
	config.BearerToken = token.Status.Token
	return config, awaitRights(ctx, config)
}

// awaitRights waits until the API server has taken notice of the role.
func awaitRights(ctx context.Context, config *rest.Config) error {
	client, err := versioned.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	var last error
	err = wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, rightsTimeout, true, func(ctx context.Context) (bool, error) {
		_, last = client.XosV1().TrustDomains().List(ctx, metav1.ListOptions{Limit: 1})
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the rights of ServiceAccount %s/%s: %w", deployNamespace, deployAccount, errors.Join(err, last))
	}
	return nil
}
