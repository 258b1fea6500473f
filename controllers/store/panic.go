package store

import (
	"fmt"
	"runtime/debug"

	"k8s.io/klog/v2"
)

// RecoverPanic ends a panic over one object, so that it reaches no other one. It is to be
// deferred.
func RecoverPanic(what string, object any) {
	if thrown := recover(); thrown != nil {
		LogPanic(what, object, thrown)
	}
}

// CatchPanic ends a panic over one object and has it be an error. It is to be deferred. The
// error's text must hold nothing of what was thrown, which may quote the object.
func CatchPanic(what string, object any, err *error, failure func() error) {
	if thrown := recover(); thrown != nil {
		LogPanic(what, object, thrown)
		*err = failure()
	}
}

// LogPanic counts a panic and writes its trace to the log. Of the object only the
// name is logged.
func LogPanic(what string, object, thrown any) {
	panicsTotal.WithLabelValues(what).Inc()
	name := ""
	if o, ok := object.(interface {
		GetNamespace() string
		GetName() string
	}); ok {
		name = o.GetNamespace() + "/" + o.GetName()
	} else if key, ok := object.(fmt.Stringer); ok {
		name = key.String()
	}
	kind := fmt.Sprintf("%T", thrown)
	if err, ok := thrown.(interface{ RuntimeError() }); ok { // of Go's own, which quote no values but indexes
		kind = fmt.Sprint(err)
	}
	klog.Background().Error(nil, "A panic over one object was ended", "what", what, "object", name, "panic", kind, "trace", string(debug.Stack()))
}
