package launch

import (
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"xos.opencord.org/kubernetes-service/hack/localplane/internal/certs"
	"xos.opencord.org/kubernetes-service/hack/localplane/internal/ports"
)

const (
	// clusterAdmins is the group that RBAC lets do everything.
	clusterAdmins = "system:masters"
	// proxyClient is the name under which the API server speaks to extension
	// API servers.
	proxyClient = "front-proxy-client"
)

// identities are the files by which the components know each other.
type identities struct {
	// authority signs all that speak to the API server; etcd has one of its own,
	// so that no user of the cluster is one of etcd.
	authority     certs.Pair
	etcdAuthority certs.Pair
	etcdServer    certs.Pair
	etcdClient    certs.Pair
	// proxyAuthority signs the clients that may state on whose behalf a request comes.
	proxyAuthority certs.Pair
	proxyClient    certs.Pair
	apiServer      certs.Pair
	tokenKey       certs.TokenKey

	controllerManager component
	scheduler         component
	kwok              component
	admin             component
}

// component is a client of the API server: its certificate, which it may serve
// with too, and the kubeconfig that holds it.
type component struct {
	pair       certs.Pair
	kubeconfig string
}

// issueIdentities writes all keys, certificates and kubeconfigs below pki.
func issueIdentities(pki string, a addresses) (identities, error) {
	var ids identities
	if err := ids.issueEtcd(filepath.Join(pki, "etcd")); err != nil {
		return ids, err
	}
	if err := ids.issueProxy(filepath.Join(pki, "front-proxy")); err != nil {
		return ids, err
	}
	authority, err := certs.OpenAuthority(pki, "localplane")
	if err != nil {
		return ids, err
	}
	ids.authority = authority.Pair()
	if ids.tokenKey, err = certs.OpenTokenKey(pki); err != nil {
		return ids, err
	}
	ids.apiServer, err = authority.Issue("kube-apiserver", certs.Leaf{
		CommonName: "kube-apiserver",
		Hosts: []string{
			ports.Loopback, "localhost", firstServiceIP,
			"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
		},
	})
	if err != nil {
		return ids, err
	}
	loopback := []string{ports.Loopback, "localhost"}
	clients := []struct {
		into *component
		name string
		leaf certs.Leaf
	}{
		{&ids.controllerManager, "kube-controller-manager", certs.Leaf{CommonName: "system:kube-controller-manager", Hosts: loopback}},
		{&ids.scheduler, "kube-scheduler", certs.Leaf{CommonName: "system:kube-scheduler", Hosts: loopback}},
		{&ids.kwok, "kwok", certs.Leaf{CommonName: "kwok", Groups: []string{clusterAdmins}}},
		{&ids.admin, "admin", certs.Leaf{CommonName: "admin", Groups: []string{clusterAdmins}}},
	}
	for _, client := range clients {
		if *client.into, err = issueClient(authority, pki, client.name, client.leaf, https(a.APIServer)); err != nil {
			return ids, err
		}
	}
	return ids, nil
}

func (ids *identities) issueEtcd(pki string) error {
	authority, err := certs.OpenAuthority(pki, "localplane-etcd")
	if err != nil {
		return err
	}
	ids.etcdAuthority = authority.Pair()
	ids.etcdServer, err = authority.Issue("server", certs.Leaf{CommonName: "etcd", Hosts: []string{ports.Loopback, "localhost"}})
	if err != nil {
		return err
	}
	ids.etcdClient, err = authority.Issue("client", certs.Leaf{CommonName: "kube-apiserver"})
	return err
}

func (ids *identities) issueProxy(pki string) error {
	authority, err := certs.OpenAuthority(pki, "localplane-front-proxy")
	if err != nil {
		return err
	}
	ids.proxyAuthority = authority.Pair()
	ids.proxyClient, err = authority.Issue("client", certs.Leaf{CommonName: proxyClient})
	return err
}

func issueClient(authority *certs.Authority, pki, name string, leaf certs.Leaf, server string) (component, error) {
	pair, err := authority.Issue(name, leaf)
	if err != nil {
		return component{}, err
	}
	content, err := kubeconfig(server, authority.Pair().Cert, name, pair)
	if err != nil {
		return component{}, fmt.Errorf("make the kubeconfig of %s: %w", name, err)
	}
	path := filepath.Join(pki, name+".kubeconfig")
	return component{pair: pair, kubeconfig: path}, writeFile(path, content)
}

// kubeconfig returns a file that holds its certificates, so that it can be
// copied anywhere.
func kubeconfig(server, authority, user string, pair certs.Pair) ([]byte, error) {
	const name = "localplane"
	cluster := &clientcmdapi.Cluster{Server: server}
	auth := &clientcmdapi.AuthInfo{}
	for path, into := range map[string]*[]byte{
		authority: &cluster.CertificateAuthorityData,
		pair.Cert: &auth.ClientCertificateData,
		pair.Key:  &auth.ClientKeyData,
	} {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		*into = raw
	}
	return clientcmd.Write(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{name: cluster},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{user: auth},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: user}},
		CurrentContext: name,
	})
}
