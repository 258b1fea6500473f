package plane

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/kubernetes"
)

// AuditEvent is what the API server's audit log says of a request: the part of
// an audit.k8s.io/v1 Event that tests read.
type AuditEvent struct {
	Stage      string `json:"stage"`
	Verb       string `json:"verb"`
	RequestURI string `json:"requestURI"`
	UserAgent  string `json:"userAgent"`
	// User is the account that was authenticated, whoever it acted as.
	User AuditUser `json:"user"`
	// ImpersonatedUser is the account that it acted as; nil for none.
	ImpersonatedUser *AuditUser `json:"impersonatedUser"`
	// ObjectRef is nil where the request was about no resource.
	ObjectRef      *AuditObject     `json:"objectRef"`
	ResponseStatus *AuditResponse   `json:"responseStatus"`
	Received       metav1.MicroTime `json:"requestReceivedTimestamp"`
	// Logged is when the request came to its stage: of the two lines of a watch, the
	// second is of its end.
	Logged      metav1.MicroTime  `json:"stageTimestamp"`
	Annotations map[string]string `json:"annotations"`
}

// AuditUser is an account in an audit log.
type AuditUser struct {
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
	// Extra holds, for a ServiceAccount, the ID of the token that it showed.
	Extra map[string][]string `json:"extra"`
}

// Token is the ID of the token that a ServiceAccount showed; empty for others.
func (u *AuditUser) Token() string {
	for _, id := range u.Extra["authentication.kubernetes.io/credential-id"] {
		if jti, ok := strings.CutPrefix(id, "JTI="); ok {
			return jti
		}
	}
	return ""
}

// AuditObject is what a request was about.
type AuditObject struct {
	APIGroup    string `json:"apiGroup"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
}

// AuditResponse is how a request was answered.
type AuditResponse struct {
	Code int `json:"code"`
}

// Actor is the name of the account whose rights counted.
func (e *AuditEvent) Actor() string {
	if e.ImpersonatedUser != nil {
		return e.ImpersonatedUser.Username
	}
	return e.User.Username
}

// Code is the HTTP status of the answer; 0 where there was none.
func (e *AuditEvent) Code() int {
	if e.ResponseStatus == nil {
		return 0
	}
	return e.ResponseStatus.Code
}

// Mutates says whether the request asked for a change.
func (e *AuditEvent) Mutates() bool {
	switch e.Verb {
	case "create", "update", "patch", "delete", "deletecollection":
		return true
	}
	return false
}

// String is the event in a line.
func (e *AuditEvent) String() string {
	as := ""
	if e.ImpersonatedUser != nil {
		as = " as " + e.ImpersonatedUser.Username
	}
	lasted := ""
	if e.Verb == "watch" && e.Stage == "ResponseComplete" {
		lasted = fmt.Sprintf(", from %s to %s", e.Received.Format(time.RFC3339Nano), e.Logged.Format(time.RFC3339Nano))
	}
	return fmt.Sprintf("%s %s by %s%s: %d%s", e.Verb, e.RequestURI, e.User.Username, as, e.Code(), lasted)
}

// AuditMark is a place in the audit log.
type AuditMark int64

// auditTimeout is far longer than the API server takes to write a line.
const auditTimeout = 30 * time.Second

// AuditMark is the present end of the audit log.
func (p *Plane) AuditMark(tb testing.TB) AuditMark {
	tb.Helper()
	info, err := os.Stat(p.AuditLog)
	if err != nil {
		tb.Fatalf("find the end of the audit log: %v", err)
	}
	return AuditMark(info.Size())
}

// AuditSince returns the events of the requests that were logged after the mark,
// up to those that were answered before the call: the API server writes a line
// after its answer, so the line of a request of our own is awaited. A watch has
// two lines: one when it starts, and one when it ends.
func (p *Plane) AuditSince(tb testing.TB, mark AuditMark) []AuditEvent {
	tb.Helper()
	client, err := kubernetes.NewForConfig(p.Config())
	if err != nil {
		tb.Fatalf("make a client: %v", err)
	}
	// A name that nothing has; that the answer is 404 does not matter.
	name := "audit-" + rand.String(12)
	_, _ = client.CoreV1().Namespaces().Get(tb.Context(), name, metav1.GetOptions{})
	var found []AuditEvent
	Wait(tb, auditTimeout, func(context.Context) (bool, string) {
		found = nil
		err := p.EachAuditEvent(mark, func(e AuditEvent) { found = append(found, e) })
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

// EachAuditEvent calls a function with each event after the mark that is in the
// audit log, in the order of the log.
func (p *Plane) EachAuditEvent(mark AuditMark, call func(AuditEvent)) error {
	file, err := os.Open(p.AuditLog)
	if err != nil {
		return fmt.Errorf("read the audit log: %w", err)
	}
	defer file.Close()
	// The mark may be within a line that was being written then: the events begin
	// with the next.
	before := max(int64(mark)-1, 0)
	if _, err := file.Seek(before, io.SeekStart); err != nil {
		return fmt.Errorf("read the audit log: %w", err)
	}
	reader := bufio.NewReaderSize(file, 1<<16)
	if mark > 0 {
		if _, err := reader.ReadBytes('\n'); err != nil {
			return nil // that line is not whole yet
		}
	}
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // what is left is a line that is being written
		} else if err != nil {
			return fmt.Errorf("read the audit log: %w", err)
		}
		var event AuditEvent
		if err := json.Unmarshal(line, &event); err != nil {
			return fmt.Errorf("read a line of the audit log: %w", err)
		}
		call(event)
	}
}
