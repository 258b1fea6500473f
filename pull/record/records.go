package record

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// The functions of this file make the custom resources that record what was
// found. All are unmanaged; adopt is set so that turning xosManaged to true is
// all it takes to hand the native object over.

// MaxName is how long a made-up name may be: as long as a label's value, so that
// the object can be handed over to XOS, which labels pods with it.
const MaxName = validation.LabelValueMaxLength

// References are the names by which an instance refers to what it depends on.
type References struct{ Slice, Image string }

// NewInstance returns the record of a pod.
func NewInstance(pod *corev1.Pod, l References) *xosv1.KubernetesServiceInstance {
	return &xosv1.KubernetesServiceInstance{
		ObjectMeta: pulled(pod.Namespace, pod.Name, MirroredPod(pod)),
		Spec: xosv1.KubernetesServiceInstanceSpec{
			Lifecycle: inventoried(), Owner: xosv1.DefaultKubernetesService, Slice: l.Slice, Image: l.Image,
		},
	}
}

// NewTrustDomain names its namespace only where its own name is another.
func NewTrustDomain(name string, namespace *corev1.Namespace) *xosv1.TrustDomain {
	domain := &xosv1.TrustDomain{
		ObjectMeta: pulled("", name, ownership.Mirrored{Kind: NamespaceKind, Name: cache.MetaObjectToName(namespace), UID: namespace.UID}),
		Spec:       xosv1.TrustDomainSpec{Lifecycle: inventoried(), Owner: xosv1.DefaultKubernetesService},
	}
	if name != namespace.Name {
		domain.Spec.Namespace = namespace.Name
	}
	return domain
}

// NewPrincipal returns the record of a ServiceAccount.
func NewPrincipal(name, namespace, account, domain string) *xosv1.Principal {
	return &xosv1.Principal{
		ObjectMeta: pulled(namespace, name, ownership.Mirrored{Kind: ServiceAccountKind, Name: cache.NewObjectName(namespace, account)}),
		Spec:       xosv1.PrincipalSpec{Lifecycle: inventoried(), TrustDomain: domain},
	}
}

// NewSlice returns the record of a controller.
func NewSlice(name, namespace string, c *RootOwner, domain, principal string) *xosv1.Slice {
	return &xosv1.Slice{
		ObjectMeta: pulled(namespace, name, c.MirroredIn(namespace)),
		Spec: xosv1.SliceSpec{
			Lifecycle: inventoried(), TrustDomain: domain, Principal: principal, ControllerKind: c.Kind,
		},
	}
}

// NewImage returns the record of an image.
func NewImage(name string, ref ImageReference) *xosv1.Image {
	return &xosv1.Image{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{xosv1.PulledLabel: xosv1.PulledValue}},
		Spec: xosv1.ImageSpec{
			Managed: xosv1.Managed{XOSManaged: ptr.To(false)},
			Name:    ref.Name, Tag: ref.Tag, Digest: ref.Digest, Kind: xosv1.ImageKindContainer,
		},
	}
}

// MirroredPod identifies a pod as its record mirrors it.
func MirroredPod(pod *corev1.Pod) ownership.Mirrored {
	return ownership.Mirrored{Kind: PodKind, Name: cache.MetaObjectToName(pod), UID: pod.UID}
}

func pulled(namespace, name string, of ownership.Mirrored) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace: namespace, Name: name,
		Labels:      map[string]string{xosv1.PulledLabel: xosv1.PulledValue},
		Annotations: map[string]string{xosv1.MirrorsAnnotation: of.String()},
	}
}

func inventoried() xosv1.Lifecycle {
	return xosv1.Lifecycle{Managed: xosv1.Managed{XOSManaged: ptr.To(false)}, Adopt: xosv1.AdoptIfUnowned}
}
