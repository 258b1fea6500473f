package main

import (
	"html"

	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	models "xos.opencord.org/kubernetes-service/generated/applyconfiguration/xos/v1"
)

const (
	// domainName is the trust domain of all greetings, and so the namespace of their pods. Greetings and
	// the models that are made of them are in that namespace too, so the domain admits no other one.
	domainName = "greetings"
	// sliceName is the slice of all greetings.
	sliceName = "greetings"
	// imageName is the image of the pods, where no Image for it is there yet.
	imageName, imageRepository, imageTag = "greetings", "nginx", "1.29-alpine"
	// pagePath is where the image's web server looks for pages.
	pagePath, secretPath = "/usr/share/nginx/html", "/etc/greeting"
)

// What all greetings share.

func domain() *models.TrustDomainApplyConfiguration {
	return models.TrustDomain(domainName).WithSpec(models.TrustDomainSpec())
}

func slice() *models.SliceApplyConfiguration {
	return models.Slice(sliceName, domainName).WithSpec(models.SliceSpec().WithDescription("greetings"))
}

// image is the name of the image to use, and what to apply for it: nothing where another client has
// declared one already. Records of images that others run are no declarations.
func image(known []*xosv1.Image) (name string, apply *models.ImageApplyConfiguration) {
	for _, i := range known {
		declared := xosv1.IsManaged(i) && i.Name != imageName
		if declared && i.Spec.Name == imageRepository && i.Spec.Tag == imageTag && i.Spec.Digest == "" {
			return i.Name, nil
		}
	}
	return imageName, models.Image(imageName).WithSpec(models.ImageSpec().WithName(imageRepository).WithTag(imageTag))
}

// What each greeting has. All of it has the greeting's name and is deleted with it, by Kubernetes' garbage
// collector, since it has an owner reference.

func owner(g *greeting) *metav1ac.OwnerReferenceApplyConfiguration {
	return metav1ac.OwnerReference().WithAPIVersion(greetingKind.GroupVersion().String()).WithKind(greetingKind.Kind).
		WithName(g.Name).WithUID(g.UID).WithController(true)
}

func configMap(g *greeting) *models.KubernetesConfigMapApplyConfiguration {
	page := "<!doctype html><title>Greeting</title><p>" + html.EscapeString(g.Spec.Message) + "</p>\n"
	return models.KubernetesConfigMap(g.Name, g.Namespace).WithOwnerReferences(owner(g)).
		WithSpec(models.KubernetesConfigMapSpec().WithData(map[string]string{"index.html": page}))
}

func configMount(g *greeting) *models.KubernetesConfigVolumeMountApplyConfiguration {
	return models.KubernetesConfigVolumeMount(g.Name, g.Namespace).WithOwnerReferences(owner(g)).
		WithSpec(models.KubernetesConfigVolumeMountSpec().WithConfigMap(g.Name).WithServiceInstance(g.Name).WithMountPath(pagePath))
}

// secret copies the values within the cluster: they are in no model, and this program never sees them.
func secret(g *greeting) *models.KubernetesSecretApplyConfiguration {
	return models.KubernetesSecret(g.Name, g.Namespace).WithOwnerReferences(owner(g)).
		WithSpec(models.KubernetesSecretSpec().WithDataFrom(models.SecretSource().WithName(g.Spec.Secret)))
}

func secretMount(g *greeting) *models.KubernetesSecretVolumeMountApplyConfiguration {
	return models.KubernetesSecretVolumeMount(g.Name, g.Namespace).WithOwnerReferences(owner(g)).
		WithSpec(models.KubernetesSecretVolumeMountSpec().WithSecret(g.Name).WithServiceInstance(g.Name).WithMountPath(secretPath))
}

func instance(g *greeting, image string) *models.KubernetesServiceInstanceApplyConfiguration {
	return models.KubernetesServiceInstance(g.Name, g.Namespace).WithOwnerReferences(owner(g)).
		WithSpec(models.KubernetesServiceInstanceSpec().WithSlice(sliceName).WithImage(image))
}
