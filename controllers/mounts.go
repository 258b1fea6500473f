package controllers

import (
	"errors"
	"strconv"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesconfigvolumemounts;kubernetessecretvolumemounts,verbs=list;watch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesconfigvolumemounts/status;kubernetessecretvolumemounts/status,verbs=patch

// configMountController checks each KubernetesConfigVolumeMount. The volume itself is created with
// the pods of the target: the instance's or the slice's.
func configMountController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	return reconciler.New(reconciler.Kind[*xosv1.KubernetesConfigVolumeMount]{
		Resource: c.KubernetesConfigVolumeMounts,
		References: append(mountReferences(c, configPlace),
			reconciler.Watches(c.KubernetesConfigMaps.Resource, "config-map",
				func(m *xosv1.KubernetesConfigVolumeMount) []string { return named(m.Namespace, m.Spec.ConfigMap) }, nil)),
		Plan: func(m *xosv1.KubernetesConfigVolumeMount, plan *reconciler.Plan[*xosv1.KubernetesConfigVolumeMount]) error {
			plan.ComputeStatus(func(*xosv1.KubernetesConfigVolumeMount) outcome.Outcome { return mounted(m.Spec.VolumeMount) })
			return checkMount(c, m.Namespace, desired.ConfigMount(m))
		},
	}, opts)
}

// secretMountController checks each KubernetesSecretVolumeMount likewise.
func secretMountController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	return reconciler.New(reconciler.Kind[*xosv1.KubernetesSecretVolumeMount]{
		Resource: c.KubernetesSecretVolumeMounts,
		References: append(mountReferences(c, secretPlace),
			reconciler.Watches(c.KubernetesSecrets.Resource, "secret",
				func(m *xosv1.KubernetesSecretVolumeMount) []string { return named(m.Namespace, m.Spec.Secret) }, nil)),
		Plan: func(m *xosv1.KubernetesSecretVolumeMount, plan *reconciler.Plan[*xosv1.KubernetesSecretVolumeMount]) error {
			plan.ComputeStatus(func(*xosv1.KubernetesSecretVolumeMount) outcome.Outcome { return mounted(m.Spec.VolumeMount) })
			return checkMount(c, m.Namespace, desired.SecretMount(m))
		},
	}, opts)
}

// mountReferences returns what both kinds of mounts refer to: the instance or slice and, through
// it, other mounts that may conflict.
func mountReferences[T store.CustomObject](c *cluster.Cluster, spec func(T) xosv1.VolumeMount) []reconciler.Reference[T] {
	own := func(m T) []string { return targets(m.GetNamespace(), spec(m)) }
	ofSlice := func(s *xosv1.Slice) []string { return concerned(c, s.Namespace, xosv1.VolumeMount{Slice: s.Name}) }
	return append(append(inOwnDomain[T](c), inSlices(c, own, ofSlice)...),
		reconciler.Watches(c.KubernetesServiceInstances.Resource, "instance",
			func(m T) []string { return named(m.GetNamespace(), spec(m).ServiceInstance) }, nil),
		reconciler.Watches(c.Slices.Resource, "slice", own, ofSlice),
		reconciler.Watches(c.KubernetesConfigVolumeMounts.Resource, "config-mounts-beside", own,
			func(m *xosv1.KubernetesConfigVolumeMount) []string { return concerned(c, m.Namespace, configPlace(m)) }),
		reconciler.Watches(c.KubernetesSecretVolumeMounts.Resource, "secret-mounts-beside", own,
			func(m *xosv1.KubernetesSecretVolumeMount) []string { return concerned(c, m.Namespace, secretPlace(m)) }),
	)
}

// concerned returns the targets whose pods a mount is part of: what it names and, for a slice, its
// instances.
func concerned(c *cluster.Cluster, namespace string, m xosv1.VolumeMount) []string {
	all := targets(namespace, m)
	for _, slice := range named(namespace, m.Slice) {
		for _, i := range c.KubernetesServiceInstances.ByIndex(cluster.InstancesBySlice, slice) {
			all = append(all, targets(i.Namespace, xosv1.VolumeMount{ServiceInstance: i.Name})...)
		}
	}
	return all
}

func configPlace(m *xosv1.KubernetesConfigVolumeMount) xosv1.VolumeMount { return m.Spec.VolumeMount }
func secretPlace(m *xosv1.KubernetesSecretVolumeMount) xosv1.VolumeMount { return m.Spec.VolumeMount }

func configTargets(m *xosv1.KubernetesConfigVolumeMount) []string {
	return targets(m.Namespace, configPlace(m))
}

func secretTargets(m *xosv1.KubernetesSecretVolumeMount) []string {
	return targets(m.Namespace, secretPlace(m))
}

// checkMount returns why a mount can't be used: a missing source or target, two different trust
// domains, or another mount at the same path.
func checkMount(c *cluster.Cluster, namespace string, m desired.Mount) error {
	if err := checkEnds(c, namespace, m); err != nil {
		return err
	}
	beside := targetsBeside(c, namespace, m.Spec)
	if err := fewMounts(c, beside); err != nil {
		return err
	}
	if first, second, found := desired.OverlapOf(m, mountsInto(c, beside)); found {
		return overlapping(first, second)
	}
	return nil
}

// checkEnds returns an error unless the source and the target of a mount exist in the same
// namespace.
func checkEnds(c *cluster.Cluster, namespace string, m desired.Mount) error {
	target, err := podNamespace(c, namespace, m.Spec)
	if err != nil {
		return err
	}
	return checkSource(c, namespace, target, m)
}

// maxMounts is the number of mounts that one pod may have. A change of one enqueues all others, so
// the cost grows with the square of their number.
const maxMounts = 256

// fewMounts refuses more mounts into a target than a pod may have.
func fewMounts(c *cluster.Cluster, targets []string) error {
	count := 0
	for _, target := range targets {
		count += c.KubernetesConfigVolumeMounts.CountIndex(byTarget, target) + c.KubernetesSecretVolumeMounts.CountIndex(byTarget, target)
	}
	if count > maxMounts {
		return outcome.Refuse(xosv1.ReasonInvalid, "one pod would have more than %d mounts, which is the limit: delete some, or put more keys into one KubernetesConfigMap or KubernetesSecret", maxMounts)
	}
	return nil
}

// targetsBeside returns the targets of all mounts into the same pods as this one. What is mounted
// into an instance may conflict with what is mounted into its slice.
func targetsBeside(c *cluster.Cluster, namespace string, m xosv1.VolumeMount) []string {
	if i, ok := c.KubernetesServiceInstances.Get(cache.NewObjectName(namespace, m.ServiceInstance)); ok {
		return mountTargets(i)
	}
	return targets(namespace, m)
}

func overlapping(first, second desired.Mount) error {
	return outcome.Refuse(xosv1.ReasonInvalid, "%s (%s) and %s (%s) overlap: give one of them another spec.mountPath",
		first.Title(), first.Spec.MountPath, second.Title(), second.Spec.MountPath)
}

// podNamespace returns the namespace of the pods that a mount targets.
func podNamespace(c *cluster.Cluster, namespace string, m xosv1.VolumeMount) (string, error) {
	if m.ServiceInstance != "" {
		instance, ok := c.KubernetesServiceInstances.Get(cache.NewObjectName(namespace, m.ServiceInstance))
		if !ok {
			return "", outcome.WaitFor("KubernetesServiceInstance %s does not exist", m.ServiceInstance)
		}
		_, target, err := trustdomain.TargetNamespaceOfInstance(c, instance)
		return target, err
	}
	slice, ok := c.Slices.Get(cache.NewObjectName(namespace, m.Slice))
	if !ok {
		return "", outcome.WaitFor("Slice %s does not exist", m.Slice)
	}
	if !labelled(slice) {
		return "", outcome.Refuse(xosv1.ReasonInvalid,
			"the pods of Slice %s are created from a template of another client, into which nothing is mounted: give the slice a spec.template, or mount what you need there", m.Slice)
	}
	return trustdomain.TargetNamespace(c, slice, slice.Spec.TrustDomain)
}

// checkSource returns an error unless the source of a mount goes to the pods' namespace and
// exists.
func checkSource(c *cluster.Cluster, namespace, target string, m desired.Mount) error {
	if m.ConfigMap != "" {
		source, ok := c.KubernetesConfigMaps.Get(cache.NewObjectName(namespace, m.ConfigMap))
		if !ok {
			return outcome.WaitFor("KubernetesConfigMap %s does not exist", m.ConfigMap)
		}
		return sameDomain(c, source, "KubernetesConfigMap", source.Spec.TrustDomain, target)
	}
	source, ok := c.KubernetesSecrets.Get(cache.NewObjectName(namespace, m.Secret))
	if !ok {
		return outcome.WaitFor("KubernetesSecret %s does not exist", m.Secret)
	}
	return sameDomain(c, source, "KubernetesSecret", source.Spec.TrustDomain, target)
}

// sameDomain returns an error unless a source is managed, goes to the pods' namespace and is
// ready. A record would mount any object of its name there.
func sameDomain(c *cluster.Cluster, source xosv1.Object, kind, domain, target string) error {
	if !xosv1.IsManaged(source) {
		return outcome.Refuse(xosv1.ReasonInvalid, "%s %s is a record, and a record gives no rights: to have it mounted, set its spec.xosManaged to true",
			kind, source.GetName())
	}
	own, err := trustdomain.TargetNamespace(c, source, domain)
	if err != nil {
		return err
	}
	if own != target {
		return outcome.Refuse(xosv1.ReasonInvalid, "%s %s is in namespace %s, the pods are in %s: a pod mounts from its own namespace only",
			kind, source.GetName(), own, target)
	}
	if !status.IsReady(source) {
		return outcome.Await("%s %s is not ready: see its conditions", kind, source.GetName())
	}
	return nil
}

// mountsInto returns the mounts of both kinds into a target, sorted by name. Records are left out.
func mountsInto(c *cluster.Cluster, targets []string) []desired.Mount {
	var mounts []desired.Mount
	for _, target := range targets {
		for _, m := range c.KubernetesConfigVolumeMounts.ByIndex(byTarget, target) {
			if xosv1.IsManaged(m) {
				mounts = append(mounts, desired.ConfigMount(m))
			}
		}
		for _, m := range c.KubernetesSecretVolumeMounts.ByIndex(byTarget, target) {
			if xosv1.IsManaged(m) {
				mounts = append(mounts, desired.SecretMount(m))
			}
		}
	}
	return mounts
}

// usableMounts returns the mounts into a target. It is an error if the source of one is missing: a
// pod that started without it would have to be replaced.
func usableMounts(c *cluster.Cluster, namespace string, target []string) ([]desired.Mount, error) {
	if err := errors.Join(fewMounts(c, target), decodedMounts(c, target)); err != nil {
		return nil, err
	}
	mounts := mountsInto(c, target)
	if first, second, found := desired.Overlap(mounts); found {
		return nil, overlapping(first, second)
	}
	for _, m := range mounts {
		if err := checkEnds(c, namespace, m); err != nil {
			return nil, err
		}
	}
	return mounts, nil
}

// decodedMounts waits for mounts into a target that can't be decoded: until then the pods retain
// what is mounted into them.
func decodedMounts(c *cluster.Cluster, targets []string) error {
	var errs []error
	for _, target := range targets {
		errs = append(errs,
			c.KubernetesConfigVolumeMounts.Decoded(c.KubernetesConfigVolumeMounts.ByIndex(byTarget, target)...),
			c.KubernetesSecretVolumeMounts.Decoded(c.KubernetesSecretVolumeMounts.ByIndex(byTarget, target)...))
	}
	return errors.Join(errs...)
}

// slicesOf returns the slices whose pods mount a KubernetesConfigMap or KubernetesSecret.
func slicesOf[S xosv1.Object, M store.Object](mounts *store.Resource[M], spec func(M) xosv1.VolumeMount) func(S) []string {
	return func(source S) []string {
		var slices []string
		for _, m := range mounts.ByIndex(bySource, cache.MetaObjectToName(source).String()) {
			slices = append(slices, named(m.GetNamespace(), spec(m).Slice)...)
		}
		return slices
	}
}

// appliedGeneration returns the generation whose spec was applied to the native object.
func appliedGeneration[S xosv1.Object](source S) string {
	return strconv.FormatInt(source.GetObjectStatus().ObservedGeneration, 10)
}

// slicesMounting returns the slices whose pods mount an owned native ConfigMap or Secret, found by
// the mounts of its custom resource.
func slicesMounting[O, M store.Object](kind string, mounts *store.Resource[M], spec func(M) xosv1.VolumeMount) func(O) []string {
	return func(content O) []string {
		owner, ok := ownership.OwnerOf(content, schema.GroupKind{Kind: kind})
		if !ok {
			return nil
		}
		var slices []string
		for _, m := range mounts.ByIndex(bySource, owner.Name.String()) {
			slices = append(slices, named(m.GetNamespace(), spec(m).Slice)...)
		}
		return slices
	}
}

func mounted(m xosv1.VolumeMount) outcome.Outcome {
	if m.ServiceInstance != "" {
		return outcome.Succeeded("mounted into KubernetesServiceInstance %s", m.ServiceInstance)
	}
	return outcome.Succeeded("mounted into the pods of Slice %s", m.Slice)
}
