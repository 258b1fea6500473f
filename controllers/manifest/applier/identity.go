package applier

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// identity is a ServiceAccount, as which requests are sent.
type identity struct {
	namespace, account string
	// uid tells an account from another that takes its name later; empty for one that
	// need not exist.
	uid types.UID
}

func identityOf(account xosv1.AppliedAs) identity {
	return identity{namespace: account.Namespace, account: account.Name, uid: account.UID}
}

// userName is the account as the API server's authorizer knows it; empty for
// what is no account.
func (i identity) userName() string {
	if i.namespace == "" || i.account == "" {
		return ""
	}
	return "system:serviceaccount:" + i.namespace + ":" + i.account
}

// errNobody stands between a programming error and the manager's rights: a
// client that impersonates "" impersonates nobody.
var errNobody = errors.New("no ServiceAccount to act as")

// config acts as the account. Groups are left out: the server adds those of a
// ServiceAccount by itself, and so the manager needs no right to impersonate
// groups, among which are system:masters.
func (i identity) config(manager *rest.Config) (*rest.Config, error) {
	if i.userName() == "" {
		return nil, errNobody
	}
	config := rest.CopyConfig(manager)
	config.Impersonate = rest.ImpersonationConfig{UserName: i.userName()}
	config.QPS = -1
	// A warning may quote what it warns of.
	config.WarningHandler = rest.NoWarnings{}
	config.WarningHandlerWithContext = nil
	return config, nil
}

func (i identity) objects(manager *rest.Config) (dynamic.Interface, error) {
	config, err := i.config(manager)
	if err != nil {
		return nil, err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of %s: %w", i.userName(), err)
	}
	return client, nil
}

func (i identity) metadata(manager *rest.Config) (metadata.Interface, error) {
	config, err := i.config(manager)
	if err != nil {
		return nil, err
	}
	client, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of %s: %w", i.userName(), err)
	}
	return client, nil
}
