package applier

import (
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

// longestManager is how long the API lets a field manager's name be.
const longestManager = 128

// FieldManager is the name under which a resource instance's documents are
// applied. Each has a name of its own, and so do the typed kinds: the server then
// refuses the second of two that declare one object at the same moment, because
// the mark of ownership is a field that the first has declared. Under one name the
// second would take the place of the first, and nobody would know.
//
// It does not hold the UID: what an earlier one of the same name left behind is
// taken over, its claim on the fields included.
func FieldManager(of cache.ObjectName) string {
	return names.Fit(xosv1.FieldManager+":"+of.String(), longestManager)
}
