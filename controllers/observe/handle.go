package observe

import (
	"strings"
)

// Handle returns the path of an object in the API, for status.backendHandle. The namespace is
// empty for cluster-scoped kinds.
func Handle(apiVersion, plural, namespace, name string) string {
	root := "/apis/"
	if !strings.Contains(apiVersion, "/") {
		root = "/api/"
	}
	path := root + apiVersion
	if namespace != "" {
		path += "/namespaces/" + namespace
	}
	return path + "/" + plural + "/" + name
}
