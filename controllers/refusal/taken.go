package refusal

import (
	"errors"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Allocated says whether a Service was refused because of a node port or an address
// that another one holds, or held a moment ago: the server gives it back some time
// after its holder is gone.
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
