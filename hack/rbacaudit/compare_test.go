package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	rbacv1 "k8s.io/api/rbac/v1"

	"xos.opencord.org/kubernetes-service/hack/plane/audit"
)

var role = expand("", []rbacv1.PolicyRule{
	{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"create", "delete"}},
	{APIGroups: []string{""}, Resources: []string{"serviceaccounts"}, Verbs: []string{"impersonate"}},
	{APIGroups: []string{rbacv1.GroupName}, Resources: []string{"rolebindings"}, Verbs: []string{"create"}},
	{APIGroups: []string{rbacv1.GroupName}, Resources: []string{"clusterroles"}, ResourceNames: []string{"edit", "view"}, Verbs: []string{"bind"}},
})

var lease = expand("xos-system", []rbacv1.PolicyRule{
	{APIGroups: []string{"coordination.k8s.io"}, Resources: []string{"leases"}, ResourceNames: []string{"manager"}, Verbs: []string{"update"}},
})

// all are requests that need each right of both.
func all() []audit.Use {
	return []audit.Use{
		{Verb: "create", Resource: "pods", Namespace: "acme", Name: "web"},
		{Verb: "delete", Resource: "pods", Namespace: "acme", Name: "web"},
		{Verb: "patch", Group: "example.org", Resource: "widgets", Namespace: "acme", As: "system:serviceaccount:acme:web"},
		{Verb: "create", Group: rbacv1.GroupName, Resource: "rolebindings", Namespace: "acme", Name: "xos:web:edit"},
		{Verb: "create", Group: rbacv1.GroupName, Resource: "rolebindings", Namespace: "acme", Name: "xos:web:view"},
		{Verb: "update", Group: "coordination.k8s.io", Resource: "leases", Namespace: "xos-system", Name: "manager"},
	}
}

func TestARequestWithoutARightIsMissing(t *testing.T) {
	for sentence, test := range map[string]struct {
		use  audit.Use
		want string
	}{
		"of another resource":                   {audit.Use{Verb: "create", Resource: "secrets"}, "missing: create secrets"},
		"of a subresource":                      {audit.Use{Verb: "create", Resource: "pods/exec", Name: "web"}, "missing: create pods/exec web"},
		"of another name":                       {audit.Use{Verb: "update", Group: "coordination.k8s.io", Resource: "leases", Namespace: "xos-system", Name: "node"}, "missing: update leases.coordination.k8s.io node in xos-system"},
		"in another namespace":                  {audit.Use{Verb: "update", Group: "coordination.k8s.io", Resource: "leases", Namespace: "kube-system", Name: "manager"}, "missing: update leases.coordination.k8s.io manager in kube-system"},
		"of another's, which it acted for, not": {audit.Use{Verb: "create", Resource: "secrets", As: "system:serviceaccount:acme:web"}, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			var want []string
			if test.want != "" {
				want = []string{test.want}
			}
			assert.Equal(t, want, missing(slices.Concat(role, lease), append(all(), test.use, test.use)))
		})
	}
}

func TestARightThatNothingNeedsIsUnused(t *testing.T) {
	rights := slices.Concat(role, lease)
	assert.Empty(t, unused(rights, all(), nil))
	for left, want := range map[int][]string{
		1: {"unused: delete pods"},
		2: {"unused: impersonate serviceaccounts"},
		4: {"unused: bind clusterroles.rbac.authorization.k8s.io view"},
		5: {"unused: update leases.coordination.k8s.io manager in xos-system"},
	} {
		uses := all()
		assert.Equal(t, want, unused(rights, append(uses[:left], uses[left+1:]...), nil))
	}
	refused := all()
	refused[3].Unsuccessful = true
	assert.Equal(t, []string{"unused: bind clusterroles.rbac.authorization.k8s.io edit"}, unused(rights, refused, nil), "a binding that is refused shows no right to bind")
}

func TestAnExceptionExplainsARightAndMustBeNeeded(t *testing.T) {
	reason := exception{verb: "delete", resources: []string{"pods"}, reason: "test"}
	uses := all()
	assert.Empty(t, unused(slices.Concat(role, lease), append(uses[:1], uses[2:]...), []exception{reason}))
	assert.Equal(t, []string{"exception without need: delete pods"}, unused(slices.Concat(role, lease), all(), []exception{reason}))
}

func TestEachExceptionHasAReason(t *testing.T) {
	for _, e := range exceptions {
		assert.NotEmpty(t, e.reason, "%s %v", e.verb, e.resources)
	}
}

func TestTheRoleNamesNoWildcard(t *testing.T) {
	rights, err := readRole("../../deploy/role.yaml")
	assert.NoError(t, err)
	assert.NotEmpty(t, rights)
	for _, r := range rights {
		assert.NotContains(t, r.String(), "*")
	}
}
