// Package customclient creates clients of custom resources that the controllers, the pull and the plugin
// read alike.
package customclient

import (
	"k8s.io/client-go/rest"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store/decode"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
)

// New returns the generated client of custom resources, as its own constructor creates
// it, except that it decodes object by object: lists, watches and responses to writes.
func New(config *rest.Config) (versioned.Interface, error) {
	config = rest.CopyConfig(config)
	config.GroupVersion, config.APIPath = &xosv1.SchemeGroupVersion, "/apis"
	config.NegotiatedSerializer = decode.ObjectByObject(scheme.Codecs.WithoutConversion(), scheme.Scheme)
	if config.UserAgent == "" {
		config.UserAgent = rest.DefaultKubernetesUserAgent()
	}
	client, err := rest.RESTClientFor(config)
	if err != nil {
		return nil, err
	}
	return versioned.New(client), nil
}
