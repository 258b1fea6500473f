package apistatus

import (
	"errors"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Allocated returns whether a Service was refused because of a node port or an address that
// another one holds, or held a moment ago: the server releases it some time after its holder was
// deleted.
func Allocated(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	for _, c := range status.Status().Details.Causes {
		at := strings.ToLower(c.Field)
		if strings.Contains(c.Message, "already allocated") && (strings.HasSuffix(at, "nodeport") || strings.Contains(at, "clusterip")) {
			return true
		}
	}
	return false
}

// NotServed returns whether the server has no such resource, as after a change of a version, a
// plural or a scope. The answer about an object that does not exist names the object.
func NotServed(err error) bool {
	var status apierrors.APIStatus
	return apierrors.IsNotFound(err) && errors.As(err, &status) &&
		(status.Status().Details == nil || status.Status().Details.Name == "" || apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse))
}
