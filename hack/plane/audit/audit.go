// Package audit reads the audit log of a local control plane.
package audit

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Event is what the API server's audit log says of a request: the part of
// an audit.k8s.io/v1 Event that tests read.
type Event struct {
	Stage      string `json:"stage"`
	Verb       string `json:"verb"`
	RequestURI string `json:"requestURI"`
	UserAgent  string `json:"userAgent"`
	// User is the account that was authenticated, before any impersonation.
	User User `json:"user"`
	// ImpersonatedUser is the account that it acted as; nil for none.
	ImpersonatedUser *User `json:"impersonatedUser"`
	// ObjectRef is nil where the request was about no resource.
	ObjectRef      *Object          `json:"objectRef"`
	ResponseStatus *Response        `json:"responseStatus"`
	Received       metav1.MicroTime `json:"requestReceivedTimestamp"`
	// Logged is when the request came to its stage: of the two lines of a watch, the
	// second is of its end.
	Logged      metav1.MicroTime  `json:"stageTimestamp"`
	Annotations map[string]string `json:"annotations"`
}

// User is an account in an audit log.
type User struct {
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
	// Extra holds, for a ServiceAccount, the ID of the token that it showed.
	Extra map[string][]string `json:"extra"`
}

// Token is the ID of the token that a ServiceAccount showed; empty for others.
func (u *User) Token() string {
	for _, id := range u.Extra["authentication.kubernetes.io/credential-id"] {
		if jti, ok := strings.CutPrefix(id, "JTI="); ok {
			return jti
		}
	}
	return ""
}

// Object is what a request was about.
type Object struct {
	APIGroup    string `json:"apiGroup"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
}

// Response is how a request was answered.
type Response struct {
	Code int `json:"code"`
}

// Actor is the name of the account whose rights counted.
func (e *Event) Actor() string {
	if e.ImpersonatedUser != nil {
		return e.ImpersonatedUser.Username
	}
	return e.User.Username
}

// Code is the HTTP status of the answer; 0 where there was none.
func (e *Event) Code() int {
	if e.ResponseStatus == nil {
		return 0
	}
	return e.ResponseStatus.Code
}

// Mutates returns whether the request asked for a change.
func (e *Event) Mutates() bool {
	switch e.Verb {
	case "create", "update", "patch", "delete", "deletecollection":
		return true
	}
	return false
}

// String is the event in a line.
func (e *Event) String() string {
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

// Mark is a place in the audit log.
type Mark int64

// Each calls a function with each event in an audit log after the mark, in the order of the log.
func Each(path string, mark Mark, call func(Event)) error {
	file, err := os.Open(path)
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
		var event Event
		if err := json.Unmarshal(line, &event); err != nil {
			return fmt.Errorf("read a line of the audit log: %w", err)
		}
		call(event)
	}
}
