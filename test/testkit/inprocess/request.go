package inprocess

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/transport"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Request is one request to the API server.
type Request struct {
	// Verb is that of RBAC, with "apply" for a server-side apply, which RBAC
	// counts as patch.
	Verb string
	// Resource is the plural, with the subresource: "pods", "images/status".
	// It is empty for what is no resource, such as /version.
	Resource  string
	Namespace string
	Name      string
	// As is the user that the manager acted as; empty where that was itself.
	As string
	// Body is what was sent; empty for reads.
	Body []byte
	// Time is when it was about to be sent.
	Time time.Time
}

// String is the request in a line: "create configmaps settings".
func (r Request) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Verb, r.Resource, r.Name))
}

// Mutates says whether the request writes.
func (r Request) Mutates() bool {
	switch r.Verb {
	case "create", "update", "patch", "apply", "delete", "deletecollection":
		return true
	}
	return false
}

// Background says whether the request is one of those that go on at rest: a
// watch, a leader's lease, or what is no resource at all.
func (r Request) Background() bool {
	return r.Verb == "watch" || r.Resource == "leases" || r.Resource == ""
}

// read makes a Request of an HTTP request, whose body can be read again after.
func read(from *http.Request) (Request, error) {
	request := parsePath(from.URL.Path)
	request.Time = time.Now()
	request.As = from.Header.Get(transport.ImpersonateUserHeader)
	if from.Body != nil {
		var err error
		if request.Body, err = io.ReadAll(from.Body); err != nil {
			return request, fmt.Errorf("read the body of %s %s: %w", from.Method, from.URL.Path, err)
		}
		from.Body = io.NopCloser(bytes.NewReader(request.Body))
	}
	request.Verb = verbOf(from, request.Name)
	if request.Verb == "create" && request.Name == "" {
		request.Name = nameIn(request.Body)
	}
	return request, nil
}

func verbOf(from *http.Request, name string) string {
	switch from.Method {
	case http.MethodGet:
		switch {
		case from.URL.Query().Get("watch") == "true", from.URL.Query().Get("watch") == "1":
			return "watch"
		case name == "":
			return "list"
		}
		return "get"
	case http.MethodPost:
		return "create"
	case http.MethodPut:
		return "update"
	case http.MethodPatch:
		switch types.PatchType(from.Header.Get("Content-Type")) {
		case types.ApplyYAMLPatchType, types.ApplyCBORPatchType:
			return "apply"
		}
		return "patch"
	case http.MethodDelete:
		if name == "" {
			return "deletecollection"
		}
		return "delete"
	}
	return strings.ToLower(from.Method)
}

// parsePath finds resource, namespace and name in a path of the API.
func parsePath(path string) Request {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case parts[0] == "api" && len(parts) > 2:
		parts = parts[2:]
	case parts[0] == "apis" && len(parts) > 3:
		parts = parts[3:]
	default:
		return Request{}
	}
	var r Request
	// A namespace's own subresources are not resources in that namespace.
	if parts[0] == "namespaces" && len(parts) > 2 && parts[2] != "status" && parts[2] != "finalize" {
		r.Namespace, parts = parts[1], parts[2:]
	}
	r.Resource = parts[0]
	if len(parts) > 1 {
		r.Name = parts[1]
	}
	if len(parts) > 2 {
		r.Resource += "/" + strings.Join(parts[2:], "/")
	}
	return r
}

// decoder reads the bodies of creations, in any encoding that clients use.
var decoder = func() runtime.Decoder {
	all := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, xosv1.AddToScheme} {
		if err := add(all); err != nil {
			panic(err) // the same at each start of the program
		}
	}
	return serializer.NewCodecFactory(all).UniversalDeserializer()
}()

// nameIn is the name of the object in a body; empty where that can't be read.
func nameIn(body []byte) string {
	object, _, err := decoder.Decode(body, nil, nil)
	if err != nil {
		return ""
	}
	accessor, err := meta.Accessor(object)
	if err != nil {
		return ""
	}
	return accessor.GetName()
}

// Precondition is the UID that a deletion is limited to; nil where it is not.
func (r Request) Precondition() *types.UID {
	object, _, err := decoder.Decode(r.Body, nil, &metav1.DeleteOptions{})
	if err != nil {
		return nil
	}
	options, ok := object.(*metav1.DeleteOptions)
	if !ok || options.Preconditions == nil {
		return nil
	}
	return options.Preconditions.UID
}
