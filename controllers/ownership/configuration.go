package ownership

import (
	"k8s.io/apimachinery/pkg/types"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
)

// Configuration is what is needed of a generated apply configuration.
type Configuration[A any] interface {
	GetName() *string
	GetNamespace() *string
	WithLabels(map[string]string) A
	WithAnnotations(map[string]string) A
	WithOwnerReferences(...*metav1ac.OwnerReferenceApplyConfiguration) A
	WithUID(types.UID) A
}
