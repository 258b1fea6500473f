package cluster

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/customclient"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
)

// Connection is a user's connection to a cluster.
type Connection struct {
	Config *rest.Config
	Native kubernetes.Interface
	// XOS decodes object by object: one that can't be decoded fails no list.
	XOS versioned.Interface
	// Namespace is the one that is chosen; empty for all.
	Namespace string
}

// Connect returns the connection that the flags choose. It sends no request.
func (f *Flags) Connect() (*Connection, error) {
	config, err := f.Config()
	if err != nil {
		return nil, err
	}
	c, err := Connect(config)
	if err != nil {
		return nil, err
	}
	c.Namespace, err = f.namespace()
	return c, err
}

// Connect returns the connection of a configuration, for all namespaces.
func Connect(config *rest.Config) (*Connection, error) {
	native, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	custom, err := customclient.New(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return &Connection{Config: config, Native: native, XOS: custom}, nil
}

// client returns the client of an API group and version: ours, or that of core objects.
func (c *Connection) client(of schema.GroupVersion) rest.Interface {
	if of.Group == xosv1.GroupName {
		return c.XOS.XosV1().RESTClient()
	}
	return c.Native.CoreV1().RESTClient()
}
