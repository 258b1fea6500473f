// Package oracle reads an API server's audit log and reports which requests of the
// manager, or of an account that it acted as, the rules of trust do not allow.
//
// It is pure: events in, violations out. What a log does not show, such as which
// trust domains there are, is handed to it as an Env. That an object is the
// manager's is read from the log itself: it is what the manager created last.
package oracle

import (
	"fmt"
	"slices"

	"xos.opencord.org/kubernetes-service/hack/plane/audit"
)

// Env is what the oracle has to know beside the log.
type Env struct {
	// Manager is the manager's account, as "system:serviceaccount:ns:name".
	Manager string
	// ManagerNamespace is where it keeps its Lease.
	ManagerNamespace string
	// Domains are all trust domains that there were, by their namespaces.
	Domains map[string]Domain
	// Consents are the native objects that may be taken over, because a client that
	// may change them, or the operator, has consented.
	Consents []Object
}

// Domain is what counts of a TrustDomain.
type Domain struct {
	// Admits are the namespaces, besides its own, that it ever admitted.
	Admits []string
}

// Object names an object in the API.
type Object struct{ Group, Resource, Namespace, Name string }

// String is the object in a line: "configmaps shop/settings".
func (o Object) String() string {
	return fmt.Sprintf("%s %s/%s", o.Resource, o.Namespace, o.Name)
}

// Violation is a request that a rule does not allow.
type Violation struct {
	// Rule is the rule that was broken, as a sentence.
	Rule  string
	Event audit.Event
}

// String is the violation in a line.
func (v Violation) String() string { return v.Rule + ": " + v.Event.String() }

// Judge returns what the manager did in a log that no rule allows, in the order of
// the log. The log must reach back to where the objects in question were created.
func Judge(w Env, log []audit.Event) []Violation {
	var found []Violation
	h := history{}
	for i := range log {
		r := request{Event: &log[i], env: w, history: h}
		if r.isManagers() {
			for _, rule := range rules {
				if rule.breaks(r) {
					found = append(found, Violation{rule.sentence, log[i]})
				}
			}
		}
		h.note(r)
	}
	return found
}

// In keeps the violations in some namespaces: of requests to them, or by their
// accounts.
func In(all []Violation, namespaces ...string) []Violation {
	var kept []Violation
	for _, v := range all {
		r := request{Event: &v.Event}
		account, _ := r.account()
		object := r.object()
		own := object.Namespace
		if object.Resource == "namespaces" {
			own = object.Name
		}
		if slices.Contains(namespaces, own) || slices.Contains(namespaces, account.Namespace) {
			kept = append(kept, v)
		}
	}
	return kept
}
