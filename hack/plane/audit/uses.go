package audit

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// usesEnv names a directory in which each plane that stops leaves what
// ServiceAccounts did: a file for each plane, with a Use as JSON a line.
const usesEnv = "XOS_PLANE_USES"

// Use is that an account asked for something, once or many times.
type Use struct {
	User string `json:"user"`
	// As is the account that it acted as; empty for none.
	As           string `json:"as,omitempty"`
	Verb         string `json:"verb"`
	Group        string `json:"group,omitempty"`
	Resource     string `json:"resource"` // with the subresource
	Namespace    string `json:"namespace,omitempty"`
	Name         string `json:"name,omitempty"`
	Forbidden    bool   `json:"forbidden,omitempty"` // by its rights; admission is another matter
	Unsuccessful bool   `json:"unsuccessful,omitempty"`
}

// LeaveUses writes what the ServiceAccounts outside of kube-* did by an audit log,
// where the environment asks for it.
func LeaveUses(path string) (err error) {
	dir := os.Getenv(usesEnv)
	if dir == "" || path == "" {
		return nil
	}
	file, err := os.CreateTemp(dir, filepath.Base(os.Args[0])+"-*.json")
	if err != nil {
		return fmt.Errorf("leave what accounts did: %w", err)
	}
	out := bufio.NewWriter(file)
	defer func() { err = errors.Join(err, out.Flush(), file.Close()) }()
	encoder, seen := json.NewEncoder(out), map[Use]bool{}
	var failed error
	err = Each(path, 0, func(e Event) {
		use, ok := useOf(e)
		if !ok || seen[use] {
			return
		}
		seen[use] = true
		if err := encoder.Encode(use); err != nil {
			failed = err
		}
	})
	return errors.Join(err, failed)
}

func useOf(e Event) (Use, bool) {
	ref := e.ObjectRef
	if ref == nil || !strings.HasPrefix(e.User.Username, "system:serviceaccount:") || strings.HasPrefix(e.User.Username, "system:serviceaccount:kube-") {
		return Use{}, false
	}
	use := Use{
		User: e.User.Username, Verb: e.Verb, Group: ref.APIGroup, Resource: ref.Resource, Namespace: ref.Namespace, Name: ref.Name,
		Forbidden: e.Annotations["authorization.k8s.io/decision"] == "forbid", Unsuccessful: e.Code() >= 300,
	}
	if ref.Subresource != "" {
		use.Resource += "/" + ref.Subresource
	}
	if e.ImpersonatedUser != nil {
		use.As = e.ImpersonatedUser.Username
	}
	return use, true
}
