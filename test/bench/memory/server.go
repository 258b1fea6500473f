package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/hack/manifests"
)

// server is an API server as far as the manager uses one: discovery, lists and watches of native
// resources that never change, and lists, watches and writes of custom resources.
type server struct {
	shape       shape
	natives     map[schema.GroupResource]native
	customs     map[string]*customs
	definitions []metav1.APIResource
	versions    *versions

	mu sync.Mutex
	// unknown counts the requests that the server could not answer.
	unknown map[string]int
}

// newServer makes the server of a cluster in which each pod has its record.
func newServer(s shape) (*server, error) {
	definitions, err := readDefinitions("crds/*.yaml")
	if err != nil {
		return nil, err
	}
	v := &versions{last: 1_000_000 + s.pods}
	server := &server{shape: s, natives: s.natives(), definitions: definitions, versions: v, customs: customResources(definitions, v), unknown: map[string]int{}}
	if err := server.customs["kubernetesservices"].put(service()); err != nil {
		return nil, err
	}
	for i := range s.pods {
		if err := server.customs["kubernetesserviceinstances"].put(s.instance(i, v.next())); err != nil {
			return nil, err
		}
	}
	return server, nil
}

// readDefinitions reads off the CustomResourceDefinitions what discovery reports of them.
func readDefinitions(pattern string) ([]metav1.APIResource, error) {
	objects, err := manifests.ReadFiles(pattern)
	if err != nil {
		return nil, err
	}
	var all []metav1.APIResource
	for _, o := range objects {
		plural, _, _ := unstructured.NestedString(o.Object, "spec", "names", "plural")
		singular, _, _ := unstructured.NestedString(o.Object, "spec", "names", "singular")
		kind, _, _ := unstructured.NestedString(o.Object, "spec", "names", "kind")
		scope, _, _ := unstructured.NestedString(o.Object, "spec", "scope")
		if plural == "" || kind == "" {
			return nil, fmt.Errorf("%s %s in %s is no CustomResourceDefinition", o.GetKind(), o.GetName(), pattern)
		}
		verbs := metav1.Verbs{"create", "delete", "get", "list", "patch", "watch"}
		all = append(all, metav1.APIResource{Name: plural, SingularName: singular, Kind: kind, Namespaced: scope == "Namespaced", Verbs: verbs},
			metav1.APIResource{Name: plural + "/status", Kind: kind, Namespaced: scope == "Namespaced", Verbs: metav1.Verbs{"get", "patch"}})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there is no definition in %s", pattern)
	}
	return all, nil
}

// target is what a request is about.
type target struct {
	group, version, resource, subresource string
	name                                  cache.ObjectName
}

// parse takes a path apart; false for one that is about no resource.
func parse(path string) (t target, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		t.version, parts = parts[1], parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		t.group, t.version, parts = parts[1], parts[2], parts[3:]
	default:
		return t, false
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		t.name.Namespace, parts = parts[1], parts[2:]
	}
	t.resource = parts[0]
	if len(parts) > 1 {
		t.name.Name = parts[1]
	}
	if len(parts) > 2 {
		t.subresource = parts[2]
	}
	return t, true
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.discovery(w, r.URL.Path) {
		return
	}
	t, ok := parse(r.URL.Path)
	if !ok {
		s.refuse(w, r, refused{http.StatusNotFound, metav1.StatusReasonNotFound})
		return
	}
	var err error
	if c, custom := s.customs[t.resource]; custom && t.group == xosv1.GroupName {
		err = s.serveCustom(w, r, c, t)
	} else if n, known := s.natives[schema.GroupResource{Group: t.group, Resource: t.resource}]; known && r.Method == http.MethodGet && t.name.Name == "" {
		err = s.serveNative(w, r, n)
	} else {
		err = refused{http.StatusNotFound, metav1.StatusReasonNotFound}
	}
	if err != nil {
		s.refuse(w, r, err)
	}
}

// discovery answers what the manager asks before it works.
func (s *server) discovery(w http.ResponseWriter, path string) bool {
	group := metav1.GroupVersionForDiscovery{GroupVersion: xosv1.SchemeGroupVersion.String(), Version: xosv1.SchemeGroupVersion.Version}
	var answer any
	switch path {
	case "/version":
		answer = version.Info{Major: "1", Minor: "37", GitVersion: "v1.37.0"}
	case "/api":
		answer = metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}}
	case "/apis":
		answer = metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: []metav1.APIGroup{
			{Name: xosv1.GroupName, Versions: []metav1.GroupVersionForDiscovery{group}, PreferredVersion: group},
		}}
	case "/apis/" + xosv1.SchemeGroupVersion.String():
		answer = metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: group.GroupVersion, APIResources: s.definitions}
	default:
		return false
	}
	writeJSON(w, http.StatusOK, answer)
	return true
}

func writeJSON(w http.ResponseWriter, code int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer)
}

// refuse answers with an error, and counts those requests that the server does not know.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var known refused
	if !errors.As(err, &known) {
		known = refused{http.StatusInternalServerError, metav1.StatusReasonInternalError}
	}
	if known.code != http.StatusConflict {
		s.mu.Lock()
		s.unknown[r.Method+" "+r.URL.Path+": "+err.Error()]++
		s.mu.Unlock()
	}
	writeJSON(w, known.code, metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Message: err.Error(), Reason: known.reason, Code: int32(known.code),
	})
}

// misses are the requests that the server could not answer.
func (s *server) misses() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for what, n := range s.unknown {
		all = append(all, fmt.Sprintf("%d x %s", n, what))
	}
	slices.Sort(all)
	return all
}

func (s *server) serveCustom(w http.ResponseWriter, r *http.Request, c *customs, t target) error {
	switch r.Method {
	case http.MethodGet:
		if t.name.Name == "" {
			return s.listOrWatchCustom(w, r, c)
		}
		data, ok := c.get(t.name)
		if !ok {
			return refused{http.StatusNotFound, metav1.StatusReasonNotFound}
		}
		writeJSON(w, http.StatusOK, json.RawMessage(data))
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	var answer []byte
	code := http.StatusOK
	switch r.Method {
	case http.MethodPost:
		code = http.StatusCreated
		answer, err = c.create(t.name.Namespace, body)
	case http.MethodPatch:
		answer, err = c.patch(t.name, body)
	case http.MethodDelete:
		answer, err = c.delete(t.name)
	default:
		err = refused{http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed}
	}
	if err == nil {
		writeJSON(w, code, json.RawMessage(answer))
	}
	return err
}
