// Package snapshot holds what a command has read of a cluster at a time: objects of our kinds
// and native ones, and what it could not read. Its functions are pure.
package snapshot

import (
	"cmp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Object is an object of any kind.
type Object interface {
	metav1.Object
	runtime.Object
}

// Snapshot is what was read. The objects have their kinds.
type Snapshot struct {
	Objects []Object
	Unread  []Unread
}

// Ref names an object. The namespace is empty for cluster-scoped kinds.
type Ref struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// String returns "Kind namespace/name".
func (r Ref) String() string {
	return r.Kind + " " + strings.TrimPrefix(r.Namespace+"/"+r.Name, "/")
}

// Compare orders by kind as in Kinds, then by namespace and name.
func (r Ref) Compare(other Ref) int {
	return cmp.Or(cmp.Compare(Order(r.Kind), Order(other.Kind)), strings.Compare(r.Kind, other.Kind),
		strings.Compare(r.Namespace, other.Namespace), strings.Compare(r.Name, other.Name))
}

// RefOf names an object.
func RefOf(o Object) Ref {
	return Ref{Kind: o.GetObjectKind().GroupVersionKind().Kind, Namespace: o.GetNamespace(), Name: o.GetName()}
}

// Add adds what another snapshot has.
func (s *Snapshot) Add(other *Snapshot) {
	s.Objects = append(s.Objects, other.Objects...)
	s.Unread = append(s.Unread, other.Unread...)
}

// Of returns the objects of a type, by namespace and name.
func Of[O Object](s *Snapshot) []O {
	var of []O
	for _, o := range s.Objects {
		if typed, ok := o.(O); ok {
			of = append(of, typed)
		}
	}
	slices.SortFunc(of, func(a, b O) int { return RefOf(a).Compare(RefOf(b)) })
	return of
}

// HasUnread returns whether objects of a resource were left out.
func (s *Snapshot) HasUnread(resource string) bool {
	return slices.ContainsFunc(s.Unread, func(u Unread) bool { return u.Resource == resource })
}
