package ownership

import (
	"strings"

	"xos.opencord.org/kubernetes-service/controllers/managedfields"
)

// Rivals names, for a person, the fields that others have taken from us, and them.
func Rivals(fields []managedfields.Path, managers []string) string {
	var parts []string
	for _, field := range fields {
		parts = append(parts, field.String())
	}
	listed := strings.Join(parts, ", ")
	if len(managers) > 0 {
		listed += " by " + strings.Join(managers, ", ")
	}
	if listed == "" {
		return ""
	}
	return " (" + strings.TrimSpace(listed) + ")"
}
