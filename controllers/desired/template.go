package desired

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// checkTemplate refuses a template with fields that are not allowed. The schema refuses them too,
// but not in an object that was stored before. The error names the field and the way out.
func checkTemplate(template *xosv1.PodTemplate) error {
	if template == nil {
		return nil
	}
	switch spec := template.Spec; {
	case spec.ServiceAccountName != "", spec.DeprecatedServiceAccount != "":
		return errors.New("spec.template.spec.serviceAccountName is set: leave it out, and name a Principal in the slice's spec.principal")
	case len(spec.EphemeralContainers) > 0:
		return errors.New("spec.template.spec.ephemeralContainers are set, which are added to a running pod: leave them out")
	}
	return checkMetadata("spec.template.metadata", template.Metadata)
}

// checkMetadata refuses the labels and annotations that identify owned objects: an object that
// carries them would be taken for an owned one, be deleted, and be recreated by its controller
// without end.
func checkMetadata(field string, metadata xosv1.TemplateMetadata) error {
	for _, part := range []struct {
		name string
		set  map[string]string
	}{{"labels", metadata.Labels}, {"annotations", metadata.Annotations}} {
		for _, key := range slices.Sorted(maps.Keys(part.set)) { // sorted, for a stable message
			if strings.HasPrefix(key, xosv1.GroupName+"/") || (key == xosv1.ManagedByLabel && part.set[key] == xosv1.ManagedByValue) {
				return fmt.Errorf("%s.%s has %s, by which XOS knows its own objects: leave it out", field, part.name, key)
			}
		}
	}
	return nil
}

// systemPriority is the prefix of the PriorityClasses of Kubernetes' own components.
const systemPriority = "system-"

// PriorityNotAllowed returns the priority class that a template names and that a trust domain does
// not allow, or "".
func PriorityNotAllowed(domain *xosv1.TrustDomain, template *xosv1.PodTemplate) string {
	if template == nil {
		return ""
	}
	name := template.Spec.PriorityClassName
	if !strings.HasPrefix(name, systemPriority) || slices.Contains(domain.Spec.AllowedPriorityClasses, name) {
		return ""
	}
	return name
}
