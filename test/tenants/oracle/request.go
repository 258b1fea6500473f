package oracle

import (
	"net/url"
	"slices"
	"strings"
	"time"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/hack/plane/audit"
)

// request is an event of the log, together with what was before it.
type request struct {
	*audit.Event
	env     Env
	history history
}

func (r request) isManagers() bool { return r.User.Username == r.env.Manager }

// isOwn returns whether the manager's own rights counted, not those of another account.
func (r request) isOwn() bool { return r.ImpersonatedUser == nil }

func (r request) object() Object {
	if r.ObjectRef == nil {
		return Object{}
	}
	ref := r.ObjectRef
	o := Object{Group: ref.APIGroup, Resource: ref.Resource, Namespace: ref.Namespace, Name: ref.Name}
	if o.Resource == "namespaces" {
		o.Namespace = "" // The log gives a namespace itself as its namespace.
	}
	return o
}

func (r request) isNative() bool {
	return r.ObjectRef != nil && r.ObjectRef.APIGroup != xosv1.GroupName
}

// isReview returns whether the request only asks what may be done.
func (r request) isReview() bool {
	return slices.Contains([]string{"authorization.k8s.io", "authentication.k8s.io"}, r.object().Group)
}

func (r request) isReport() bool {
	return r.object().Resource == "events"
}

var writes = []string{"create", "update", "patch", "delete", "deletecollection"}

func (r request) mutates() bool {
	return r.ObjectRef != nil && slices.Contains(writes, r.Verb) && !r.isReview()
}

// hadEffect returns whether the API server did what was asked.
func (r request) hadEffect() bool { return r.Code() >= 200 && r.Code() < 300 }

// created returns whether the request made its object.
func (r request) created() bool {
	return r.ObjectRef != nil && r.ObjectRef.Subresource == "" && r.Code() == 201 && (r.Verb == "create" || r.Verb == "patch")
}

// account is the ServiceAccount that the manager acted as; false for any other
// user.
func (r request) account() (Object, bool) {
	if r.ImpersonatedUser == nil {
		return Object{}, false
	}
	rest, ok := strings.CutPrefix(r.ImpersonatedUser.Username, "system:serviceaccount:")
	namespace, name, both := strings.Cut(rest, ":")
	return Object{Resource: "serviceaccounts", Namespace: namespace, Name: name}, ok && both
}

// selects returns whether a list or watch is limited to labels of this text.
func (r request) selects(labels string) bool {
	target, err := url.Parse(r.RequestURI)
	return err == nil && strings.Contains(target.Query().Get("labelSelector"), labels)
}

func (r request) isDomain(namespace string) bool {
	_, ok := r.env.Domains[namespace]
	return ok
}

// isAdmitted returns whether any trust domain takes resources from a namespace.
func (r request) isAdmitted(namespace string) bool {
	for _, domain := range r.env.Domains {
		if slices.Contains(domain.Admits, namespace) {
			return true
		}
	}
	return r.isDomain(namespace)
}

// maker is who created an object.
type maker int

const (
	_ maker = iota // unknown
	// manager: the manager, with its own rights.
	manager
	// taken: the manager, as another account.
	taken
	another
)

// origin is who created an object, and when.
type origin struct {
	maker maker
	at    time.Time
}

// history is who created what there is.
type history map[Object]origin

func (h history) note(r request) {
	switch {
	case r.created() && !r.isManagers():
		h[r.object()] = origin{another, r.Received.Time}
	case r.created() && r.isOwn():
		h[r.object()] = origin{manager, r.Received.Time}
	case r.created():
		h[r.object()] = origin{taken, r.Received.Time}
	}
}
