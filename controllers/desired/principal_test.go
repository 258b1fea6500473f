package desired

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/apimachinery/pkg/util/validation"
)

func FuzzARoleBindingNameIsAlwaysAPathSegment(f *testing.F) {
	f.Add("web", "view")
	f.Add(strings.Repeat("web.", 60)+"web", "system:aggregate-to-view")
	f.Fuzz(func(t *testing.T, principal, role string) {
		if len(validation.IsDNS1123Subdomain(principal)) > 0 || role == "" || strings.ContainsAny(role, "/%") {
			return // not the names of a principal and a role
		}
		name := RoleBindingName(principal, role)
		assert.NotContains(t, name, "/")
		assert.NotContains(t, name, "%")
		assert.LessOrEqual(t, len(name), validation.DNS1123SubdomainMaxLength)
	})
}
