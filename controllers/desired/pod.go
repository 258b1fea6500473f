package desired

import (
	"encoding/json"
	"fmt"
	"slices"

	corev1api "k8s.io/api/core/v1"
	corev1 "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// InstanceInput is what an instance's pod is computed from, all references resolved.
type InstanceInput struct {
	Instance  *xosv1.KubernetesServiceInstance
	Namespace string
	// Slice is nil where the instance names none.
	Slice *xosv1.Slice
	// Image is the image in the form of a pod spec.
	Image  string
	Mounts []Mount
}

// Pod returns the pod of an instance: the template, overlaid with the instance's own fields, its
// slice's principal and labels, and its mounts.
func Pod(in InstanceInput) (*corev1.PodApplyConfiguration, error) {
	i := in.Instance
	if err := checkTemplate(i.Spec.Template); err != nil {
		return nil, err
	}
	spec, err := podSpec(i.Spec.Template)
	if err != nil {
		return nil, fmt.Errorf("read spec.template: %w", err)
	}
	vols, volumeMounts := volumes(in.Mounts)
	spec.Volumes = mergeVolumes(spec.Volumes, vols)
	spec.Containers, err = overlay(spec.Containers, i, in.Image, volumeMounts)
	if err != nil {
		return nil, err
	}
	pod := corev1.Pod(i.Name, in.Namespace)
	if i.Spec.Template != nil {
		pod.WithLabels(i.Spec.Template.Metadata.Labels).WithAnnotations(i.Spec.Template.Metadata.Annotations)
	}
	if in.Slice != nil {
		pod.WithLabels(sliceLabels(in.Slice))
		if in.Slice.Spec.Principal != "" {
			spec.WithServiceAccountName(in.Slice.Spec.Principal)
		}
	}
	pod.WithSpec(spec)
	hashes, err := podHashes(spec)
	return pod.WithAnnotations(hashes), err
}

// PodAsItIs returns the configuration of a pod that is adopted and left unchanged: the hashes by
// which a later change of the instance is detected, and the labels.
func PodAsItIs(pod *corev1.PodApplyConfiguration) *corev1.PodApplyConfiguration {
	return corev1.Pod(*pod.Name, *pod.Namespace).WithLabels(pod.Labels).WithAnnotations(pod.Annotations)
}

// podSpec converts a template into an apply configuration.
func podSpec(template *xosv1.PodTemplate) (*corev1.PodSpecApplyConfiguration, error) {
	spec := corev1.PodSpec()
	if template == nil {
		return spec, nil
	}
	return spec, convert(template.Spec, spec)
}

// convert converts a type of the API to its apply configuration through JSON, which defines both.
func convert(from, to any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}

// overlay merges an instance's own fields into the template's container of the instance's name,
// which is inserted first if the template does not have it.
func overlay(containers []corev1.ContainerApplyConfiguration, i *xosv1.KubernetesServiceInstance, image string, volumeMounts []*corev1.VolumeMountApplyConfiguration) ([]corev1.ContainerApplyConfiguration, error) {
	at := slices.IndexFunc(containers, func(c corev1.ContainerApplyConfiguration) bool { return c.Name != nil && *c.Name == i.Name })
	if at < 0 {
		containers = slices.Insert(containers, 0, *corev1.Container().WithName(i.Name))
		at = 0
	}
	main := &containers[at]
	main.WithImage(image).WithVolumeMounts(volumeMounts...)
	if len(i.Spec.Command) > 0 {
		main.Command = i.Spec.Command
	}
	if len(i.Spec.Args) > 0 {
		main.Args = i.Spec.Args
	}
	own := corev1api.Container{Env: i.Spec.Env, Ports: i.Spec.Ports, Resources: i.Spec.Resources}
	fields := corev1.Container()
	if err := convert(own, fields); err != nil {
		return nil, fmt.Errorf("read env, ports and resources: %w", err)
	}
	main.Env = mergeEnv(main.Env, fields.Env)
	if len(fields.Ports) > 0 {
		main.Ports = fields.Ports
	}
	defaultProtocols(main.Ports)
	if r := fields.Resources; r != nil && (r.Limits != nil || r.Requests != nil || len(r.Claims) > 0) {
		main.Resources = r
	}
	return containers, nil
}

// mergeEnv merges variables into those of the template, by name.
func mergeEnv(base, over []corev1.EnvVarApplyConfiguration) []corev1.EnvVarApplyConfiguration {
	for _, e := range over {
		at := slices.IndexFunc(base, func(b corev1.EnvVarApplyConfiguration) bool { return *b.Name == *e.Name })
		if at >= 0 {
			base[at] = e
			continue
		}
		base = append(base, e)
	}
	return base
}

// mergeVolumes adds the mounts' volumes to those of the template.
func mergeVolumes(base []corev1.VolumeApplyConfiguration, own []*corev1.VolumeApplyConfiguration) []corev1.VolumeApplyConfiguration {
	for _, v := range own {
		base = append(base, *v)
	}
	return base
}
