package inprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
)

// Where the manager is deployed; its manifests say the same.
const (
	deployNamespace = "xos-system"
	deployAccount   = "xos-controller-manager"
)

// rightsTimeout is far longer than the API server takes to notice a role.
const rightsTimeout = 30 * time.Second

// AsDeployed applies manifests (those of the manager's namespace, ServiceAccount
// and rights) with an administrator's configuration, and returns a configuration
// that acts as that ServiceAccount. So a right that the manifests lack shows.
func AsDeployed(ctx context.Context, admin *rest.Config, manifests ...string) (*rest.Config, error) {
	for _, path := range manifests {
		if err := apply(ctx, admin, path); err != nil {
			return nil, fmt.Errorf("apply %s: %w", path, err)
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

func apply(ctx context.Context, config *rest.Config, path string) error {
	kinds, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(kinds))
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	documents := yaml.NewYAMLOrJSONDecoder(file, 4096)
	for {
		object := &unstructured.Unstructured{}
		if err := documents.Decode(&object.Object); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if object.Object == nil {
			continue // comments alone
		}
		kind := object.GroupVersionKind()
		mapping, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
		if err != nil {
			return err
		}
		_, err = client.Resource(mapping.Resource).Namespace(object.GetNamespace()).
			Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: "xos-inprocess", Force: true})
		if err != nil {
			return err
		}
	}
}
