package plane

import (
	"context"
	"os"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/kubernetes"

	"xos.opencord.org/kubernetes-service/hack/plane/audit"
)

// auditTimeout is far longer than the API server takes to write a line.
const auditTimeout = 30 * time.Second

// AuditMark is the present end of the audit log.
func (p *Plane) AuditMark(tb testing.TB) audit.Mark {
	tb.Helper()
	info, err := os.Stat(p.AuditLog)
	if err != nil {
		tb.Fatalf("find the end of the audit log: %v", err)
	}
	return audit.Mark(info.Size())
}

// AuditSince returns the events of the requests that were logged after the mark,
// up to those that were answered before the call: the API server writes a line
// after its answer, so the line of a request of our own is awaited. A watch has
// two lines: one when it starts, and one when it ends.
func (p *Plane) AuditSince(tb testing.TB, mark audit.Mark) []audit.Event {
	tb.Helper()
	client, err := kubernetes.NewForConfig(p.Config())
	if err != nil {
		tb.Fatalf("make a client: %v", err)
	}
	// A name that nothing has; that the answer is 404 does not matter.
	name := "audit-" + rand.String(12)
	_, _ = client.CoreV1().Namespaces().Get(tb.Context(), name, metav1.GetOptions{})
	var found []audit.Event
	Wait(tb, auditTimeout, func(context.Context) (bool, string) {
		found = nil
		err := audit.Each(p.AuditLog, mark, func(e audit.Event) { found = append(found, e) })
		if err != nil {
			return false, err.Error()
		}
		for i := len(found) - 1; i >= 0; i-- {
			if ref := found[i].ObjectRef; ref != nil && ref.Resource == "namespaces" && ref.Name == name {
				found = append(found[:i], found[i+1:]...)
				return true, ""
			}
		}
		return false, "the audit log has no line yet of a request that was answered"
	})
	return found
}
