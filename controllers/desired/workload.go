package desired

import (
	"fmt"

	corev1api "k8s.io/api/core/v1"
	appsv1 "k8s.io/client-go/applyconfigurations/apps/v1"
	batchv1 "k8s.io/client-go/applyconfigurations/batch/v1"
	corev1 "k8s.io/client-go/applyconfigurations/core/v1"
	metav1 "k8s.io/client-go/applyconfigurations/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// SliceInput is what a slice's workload is computed from, all references resolved.
type SliceInput struct {
	Slice     *xosv1.Slice
	Namespace string
	Mounts    []Mount
	// Revision identifies what the mounts bring into the pods. Empty if a change of it is not to
	// replace them.
	Revision string
}

// Deployment returns the Deployment of a slice.
func Deployment(in SliceInput) (*appsv1.DeploymentApplyConfiguration, error) {
	spec := appsv1.DeploymentSpec()
	spec.Replicas = in.replicas()
	template, err := in.template()
	if template != nil {
		spec.WithSelector(in.selector()).WithTemplate(template)
	}
	return appsv1.Deployment(in.Slice.Name, in.Namespace).WithLabels(sliceLabels(in.Slice)).WithSpec(spec), err
}

// ReplicaSet returns the ReplicaSet of a slice.
func ReplicaSet(in SliceInput) (*appsv1.ReplicaSetApplyConfiguration, error) {
	spec := appsv1.ReplicaSetSpec()
	spec.Replicas = in.replicas()
	template, err := in.template()
	if template != nil {
		spec.WithSelector(in.selector()).WithTemplate(template)
	}
	return appsv1.ReplicaSet(in.Slice.Name, in.Namespace).WithLabels(sliceLabels(in.Slice)).WithSpec(spec), err
}

// StatefulSet returns the StatefulSet of a slice.
func StatefulSet(in SliceInput) (*appsv1.StatefulSetApplyConfiguration, error) {
	spec := appsv1.StatefulSetSpec()
	spec.Replicas = in.replicas()
	template, err := in.template()
	if template != nil {
		spec.WithSelector(in.selector()).WithTemplate(template)
	}
	if in.Slice.Spec.ServiceName != "" {
		spec.WithServiceName(in.Slice.Spec.ServiceName)
	}
	for _, claim := range in.Slice.Spec.VolumeClaimTemplates {
		c, claimErr := volumeClaim(claim)
		if claimErr != nil {
			return nil, claimErr
		}
		spec.WithVolumeClaimTemplates(c)
	}
	return appsv1.StatefulSet(in.Slice.Name, in.Namespace).WithLabels(sliceLabels(in.Slice)).WithSpec(spec), err
}

// DaemonSet returns the DaemonSet of a slice. A disabled one selects a node label that no node
// has, since it has no replicas to scale to zero.
func DaemonSet(in SliceInput) (*appsv1.DaemonSetApplyConfiguration, error) {
	spec := appsv1.DaemonSetSpec()
	template, err := in.template()
	if template != nil {
		spec.WithSelector(in.selector()).WithTemplate(template)
	}
	if !in.enabled() {
		if template == nil { // the DaemonSet was adopted with its own
			template = corev1.PodTemplateSpec().WithSpec(corev1.PodSpec())
		}
		template.Spec.WithNodeSelector(map[string]string{xosv1.DisabledNodeLabel: "true"})
		spec.WithTemplate(template)
	}
	return appsv1.DaemonSet(in.Slice.Name, in.Namespace).WithLabels(sliceLabels(in.Slice)).WithSpec(spec), err
}

// Job returns the Job of a slice.
func Job(in SliceInput) (*batchv1.JobApplyConfiguration, error) {
	spec := batchv1.JobSpec()
	spec.Suspend = in.suspend()
	template, err := in.template()
	if template != nil {
		spec.WithTemplate(template)
	}
	return batchv1.Job(in.Slice.Name, in.Namespace).WithLabels(sliceLabels(in.Slice)).WithSpec(spec), err
}

// CronJob returns the CronJob of a slice.
func CronJob(in SliceInput) (*batchv1.CronJobApplyConfiguration, error) {
	spec := batchv1.CronJobSpec()
	spec.Suspend = in.suspend()
	if in.Slice.Spec.Schedule != "" {
		spec.WithSchedule(in.Slice.Spec.Schedule)
	}
	template, err := in.template()
	if template != nil {
		spec.WithJobTemplate(batchv1.JobTemplateSpec().WithLabels(sliceLabels(in.Slice)).
			WithSpec(batchv1.JobSpec().WithTemplate(template)))
	}
	return batchv1.CronJob(in.Slice.Name, in.Namespace).WithLabels(sliceLabels(in.Slice)).WithSpec(spec), err
}

func (in SliceInput) enabled() bool { return in.Slice.Spec.Enabled == nil || *in.Slice.Spec.Enabled }

// replicas returns the count to declare; nil leaves it to another client, such as a
// HorizontalPodAutoscaler.
func (in SliceInput) replicas() *int32 {
	if !in.enabled() {
		return new(int32)
	}
	return in.Slice.Spec.ControllerReplicaCount
}

// suspend returns the field of a job to declare; nil leaves that of an adopted job unchanged.
func (in SliceInput) suspend() *bool {
	disabled := !in.enabled()
	if !disabled && in.Slice.Spec.Template == nil {
		return nil
	}
	return &disabled
}

func (in SliceInput) selector() *metav1.LabelSelectorApplyConfiguration {
	return metav1.LabelSelector().WithMatchLabels(WorkloadSelector(in.Slice))
}

// template returns the pod template: the slice's own, overlaid with its principal, labels and
// mounts; nil if the slice has none, as an inventoried one.
func (in SliceInput) template() (*corev1.PodTemplateSpecApplyConfiguration, error) {
	own := in.Slice.Spec.Template
	if own == nil {
		return nil, nil
	}
	if err := checkTemplate(own); err != nil {
		return nil, err
	}
	spec, err := podSpec(own)
	if err != nil {
		return nil, fmt.Errorf("read spec.template: %w", err)
	}
	vols, places := volumes(in.Mounts)
	spec.Volumes = mergeVolumes(spec.Volumes, vols)
	for c := range spec.Containers {
		spec.Containers[c].WithVolumeMounts(places...)
		defaultProtocols(spec.Containers[c].Ports)
	}
	if in.Slice.Spec.Principal != "" {
		spec.WithServiceAccountName(in.Slice.Spec.Principal)
	}
	template := corev1.PodTemplateSpec().WithLabels(own.Metadata.Labels).WithAnnotations(own.Metadata.Annotations).
		WithLabels(workloadLabels(in.Slice)).WithSpec(spec)
	if in.Revision != "" {
		template.WithAnnotations(map[string]string{xosv1.RevisionAnnotation: in.Revision})
	}
	return template, nil
}

// defaultProtocols sets the server's default protocol, by which the server merges ports.
func defaultProtocols(ports []corev1.ContainerPortApplyConfiguration) {
	for p := range ports {
		if ports[p].Protocol == nil {
			ports[p].WithProtocol(corev1api.ProtocolTCP)
		}
	}
}

func volumeClaim(claim xosv1.VolumeClaimTemplate) (*corev1.PersistentVolumeClaimApplyConfiguration, error) {
	if err := checkMetadata("spec.volumeClaimTemplates["+claim.Name+"].metadata", claim.Metadata); err != nil {
		return nil, err
	}
	spec := corev1.PersistentVolumeClaimSpec()
	if err := convert(claim.Spec, spec); err != nil {
		return nil, fmt.Errorf("read spec.volumeClaimTemplates: %w", err)
	}
	c := corev1.PersistentVolumeClaim(claim.Name, "").WithLabels(claim.Metadata.Labels).WithAnnotations(claim.Metadata.Annotations).WithSpec(spec)
	c.Namespace = nil // a template has none
	return c, nil
}
