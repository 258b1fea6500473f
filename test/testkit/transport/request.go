package transport

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
	"k8s.io/apimachinery/pkg/util/sets"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
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
	// As is the user that the client acted as; empty where that was itself.
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

// Mutates returns whether the request writes.
func (r Request) Mutates() bool {
	switch r.Verb {
	case "create", "update", "patch", "apply", "delete", "deletecollection":
		return true
	}
	return false
}

// Background returns whether the request is one of those that go on at rest: a
// watch, a leader's lease, or what is no resource at all.
func (r Request) Background() bool {
	return r.Verb == "watch" || r.Resource == "leases" || r.Resource == ""
}

// resolver classifies requests as the API server does.
var resolver = &apirequest.RequestInfoFactory{
	APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api"),
}

// read makes a Request of an HTTP request, whose body can be read again after.
func read(from *http.Request) (Request, error) {
	info, err := resolver.NewRequestInfo(from)
	if err != nil {
		return Request{}, fmt.Errorf("classify %s %s: %w", from.Method, from.URL.Path, err)
	}
	request := Request{Verb: info.Verb, Time: time.Now(), As: from.Header.Get(transport.ImpersonateUserHeader)}
	if info.IsResourceRequest {
		request.Resource, request.Namespace, request.Name = info.Resource, info.Namespace, info.Name
		if info.Subresource != "" {
			request.Resource += "/" + info.Subresource
		}
		if info.Resource == "namespaces" {
			request.Namespace = "" // its name says which
		}
	}
	if from.Body != nil {
		if request.Body, err = io.ReadAll(from.Body); err != nil {
			return request, fmt.Errorf("read the body of %s %s: %w", from.Method, from.URL.Path, err)
		}
		from.Body = io.NopCloser(bytes.NewReader(request.Body))
	}
	switch types.PatchType(from.Header.Get("Content-Type")) {
	case types.ApplyYAMLPatchType, types.ApplyCBORPatchType:
		request.Verb = "apply"
	}
	if request.Verb == "create" && request.Name == "" {
		request.Name = nameIn(request.Body)
	}
	return request, nil
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
