package desired

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/apimachinery/pkg/util/validation"
)

func FuzzALabelValueIsAlwaysLegal(f *testing.F) {
	for _, name := range []string{"web", "a.b-c", strings.Repeat("x-", 100) + "x", strings.Repeat("x", 54) + strings.Repeat("-", 9) + "x"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if len(validation.IsDNS1123Subdomain(name)) > 0 {
			t.Skip("not the name of an object")
		}
		value := LabelValue(name)
		assert.Empty(t, validation.IsValidLabelValue(value), value)
		if len(name) <= validation.LabelValueMaxLength {
			assert.Equal(t, name, value)
		}
	})
}

func FuzzARoleBindingNameIsAlwaysAPathSegment(f *testing.F) {
	f.Add("web", "view")
	f.Add(strings.Repeat("web.", 60)+"web", "system:aggregate-to-view")
	f.Fuzz(func(t *testing.T, principal, role string) {
		if len(validation.IsDNS1123Subdomain(principal)) > 0 || role == "" || strings.ContainsAny(role, "/%") {
			t.Skip("not the names of a principal and a role")
		}
		name := roleBindingName(principal, role)
		assert.NotContains(t, name, "/")
		assert.NotContains(t, name, "%")
		assert.LessOrEqual(t, len(name), validation.DNS1123SubdomainMaxLength)
	})
}
