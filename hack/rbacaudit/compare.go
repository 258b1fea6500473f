package main

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"xos.opencord.org/kubernetes-service/hack/plane/audit"
)

// right is one thing that a role grants.
type right struct {
	verb, group, resource string // resource has the subresource
	// name and namespace limit it; empty for all.
	name, namespace string
}

func (r right) String() string {
	text := r.verb + " " + r.resource
	if r.group != "" {
		text += "." + r.group
	}
	if r.name != "" {
		text += " " + r.name
	}
	if r.namespace != "" {
		text += " in " + r.namespace
	}
	return text
}

// expand takes rules apart.
func expand(namespace string, rules []rbacv1.PolicyRule) []right {
	var rights []right
	for _, rule := range rules {
		names := rule.ResourceNames
		if len(names) == 0 {
			names = []string{""}
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					for _, name := range names {
						rights = append(rights, right{verb, group, resource, name, namespace})
					}
				}
			}
		}
	}
	return rights
}

// needed is the right that a request needs: of one in another's name that to take
// on the name, since what it asks for is the other's right.
func needed(use audit.Use) right {
	if use.As != "" {
		return right{verb: "impersonate", resource: "serviceaccounts"}
	}
	return right{use.Verb, use.Group, use.Resource, use.Name, use.Namespace}
}

// bound is the right that the creation of a role binding needs besides, which the
// API server checks without another request. Bindings are named after the role.
func bound(use audit.Use) (right, bool) {
	name := strings.Split(use.Name, ":")
	if use.As != "" || use.Resource != "rolebindings" || use.Verb != "create" || use.Unsuccessful || len(name) != 3 {
		return right{}, false
	}
	return right{"bind", rbacv1.GroupName, "clusterroles", name[2], use.Namespace}, true
}

// covers returns whether a right is enough for what is needed.
func (r right) covers(need right) bool {
	return r.verb == need.verb && r.group == need.group && r.resource == need.resource &&
		(r.name == "" || r.name == need.name) && (r.namespace == "" || r.namespace == need.namespace)
}

// missing names what was asked for without a right to it.
func missing(rights []right, uses []audit.Use) []string {
	var found []string
	for _, use := range uses {
		need := needed(use)
		if need.group == foreign || slices.ContainsFunc(rights, func(r right) bool { return r.covers(need) }) {
			continue
		}
		found = append(found, fmt.Sprintf("missing: %s", need))
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// unused names the rights that nothing needed and no exception explains, and the
// exceptions that explain nothing.
func unused(rights []right, uses []audit.Use, exceptions []exception) []string {
	var needs []right
	seen := map[right]bool{}
	for _, use := range uses {
		all := []right{needed(use)}
		if bind, ok := bound(use); ok {
			all = append(all, bind)
		}
		for _, need := range all {
			if !seen[need] {
				seen[need] = true
				needs = append(needs, need)
			}
		}
	}
	var found []string
	explains := make([]bool, len(exceptions))
	for _, r := range rights {
		if slices.ContainsFunc(needs, r.covers) {
			continue
		}
		i := slices.IndexFunc(exceptions, func(e exception) bool { return e.explains(r) })
		if i < 0 {
			found = append(found, fmt.Sprintf("unused: %s", r))
			continue
		}
		explains[i] = true
	}
	for i, e := range exceptions {
		if !explains[i] && !e.sometimes {
			found = append(found, fmt.Sprintf("exception without need: %s %s", e.verb, strings.Join(e.resources, " ")))
		}
	}
	return found
}
