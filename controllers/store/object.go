package store

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Object is what is needed of any resource, native or custom. It asks for
// methods alone, and so do the constraints that embed it: then the compiler makes
// one set of code for all kinds, where comparable would have it make one a kind.
type Object interface {
	metav1.Object
	runtime.Object
}
