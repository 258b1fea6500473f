package main

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/utils/ptr"
)

// The manager's ServiceAccount, as deploy/access.yaml has it.
const (
	managerNamespace = "xos-system"
	managerAccount   = "xos-controller-manager"
	// tokenSeconds is a week: longer than anybody leaves a demonstration up.
	tokenSeconds = 7 * 24 * 60 * 60
)

// issueKubeconfig writes a kubeconfig by which the manager is its own
// ServiceAccount and not the administrator, so that the demonstration shows
// that the rights in deploy/role.yaml suffice.
func issueKubeconfig(ctx context.Context, admin *rest.Config, path string) error {
	client, err := kubernetes.NewForConfig(admin)
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	request := &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To[int64](tokenSeconds)},
	}
	token, err := client.CoreV1().ServiceAccounts(managerNamespace).
		CreateToken(ctx, managerAccount, request, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("get a token of the manager's ServiceAccount: %w", err)
	}
	const name = "demo"
	err = clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {
			Server: admin.Host, CertificateAuthorityData: admin.CAData,
		}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: {Token: token.Status.Token}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}, path)
	if err != nil {
		return fmt.Errorf("write the manager's kubeconfig: %w", err)
	}
	return nil
}
