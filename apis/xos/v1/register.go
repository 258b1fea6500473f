package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupName is the API group of all kinds of this package.
const GroupName = "xos.opencord.org"

// SchemeGroupVersion is the group and version of all kinds of this package.
var SchemeGroupVersion = schema.GroupVersion{Group: GroupName, Version: "v1"}

var (
	// SchemeBuilder collects what AddToScheme adds.
	SchemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)
	// AddToScheme adds the kinds of this package to a scheme.
	AddToScheme = SchemeBuilder.AddToScheme
)

// Resource qualifies a resource name ("slices") with the group. The generated
// listers need it for their errors.
func Resource(resource string) schema.GroupResource {
	return SchemeGroupVersion.WithResource(resource).GroupResource()
}

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(SchemeGroupVersion,
		&Image{}, &ImageList{},
		&KubernetesConfigMap{}, &KubernetesConfigMapList{},
		&KubernetesConfigVolumeMount{}, &KubernetesConfigVolumeMountList{},
		&KubernetesNode{}, &KubernetesNodeList{},
		&KubernetesResourceInstance{}, &KubernetesResourceInstanceList{},
		&KubernetesSecret{}, &KubernetesSecretList{},
		&KubernetesSecretVolumeMount{}, &KubernetesSecretVolumeMountList{},
		&KubernetesService{}, &KubernetesServiceList{},
		&KubernetesServiceInstance{}, &KubernetesServiceInstanceList{},
		&Principal{}, &PrincipalList{},
		&Service{}, &ServiceList{},
		&ServicePort{}, &ServicePortList{},
		&Site{}, &SiteList{},
		&Slice{}, &SliceList{},
		&TrustDomain{}, &TrustDomainList{},
	)
	metav1.AddToGroupVersion(scheme, SchemeGroupVersion)
	return nil
}
