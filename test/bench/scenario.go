package main

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// domain is the trust domain, and the namespace, that everything is made in:
// the same-namespace case, which needs no finalizer.
const domain = "bench"

// scenario is one kind of custom resource, how one is made, and what the least
// is that a client would have to write to come to the same native objects.
type scenario struct {
	name  string
	count int
	// custom and native are what is counted while it comes and goes.
	custom, native schema.GroupVersionResource
	// prepare makes what all of them share.
	prepare func(ctx context.Context, c clients) error
	// create makes custom resource i.
	create func(ctx context.Context, c clients, i int) error
	// floor makes native object i.
	floor func(ctx context.Context, c clients, i int) error
	// writes is the bound on the manager's writes for each; 0 where it depends
	// on how often the native object's status changes.
	writes float64
}

func xos(resource string) schema.GroupVersionResource {
	return xosv1.SchemeGroupVersion.WithResource(resource)
}

func name(i int) string { return fmt.Sprintf("bench-%05d", i) }

func meta(i int) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: domain, Name: name(i)} }

func data(i int) map[string]string {
	return map[string]string{"key": name(i), "text": "some hundred bytes of configuration, as one would find them in a small service's config map, more or less"}
}

func configMaps(n int) scenario {
	return scenario{
		name: "KubernetesConfigMap", count: n, writes: 2,
		custom: xos("kubernetesconfigmaps"), native: corev1.SchemeGroupVersion.WithResource("configmaps"),
		create: func(ctx context.Context, c clients, i int) error {
			_, err := c.xos.XosV1().KubernetesConfigMaps(domain).Create(ctx,
				&xosv1.KubernetesConfigMap{ObjectMeta: meta(i), Spec: xosv1.KubernetesConfigMapSpec{Data: data(i)}}, metav1.CreateOptions{})
			return err
		},
		floor: func(ctx context.Context, c clients, i int) error {
			_, err := c.kube.CoreV1().ConfigMaps(domain).Create(ctx, &corev1.ConfigMap{ObjectMeta: floorMeta(i), Data: data(i)}, metav1.CreateOptions{})
			return err
		},
	}
}

func instances(n int) scenario {
	const image = "registry.example/pause:1"
	return scenario{
		name: "KubernetesServiceInstance", count: n,
		custom: xos("kubernetesserviceinstances"), native: corev1.SchemeGroupVersion.WithResource("pods"),
		prepare: func(ctx context.Context, c clients) error {
			_, err := c.xos.XosV1().KubernetesConfigMaps(domain).Create(ctx, &xosv1.KubernetesConfigMap{
				ObjectMeta: metav1.ObjectMeta{Namespace: domain, Name: "shared"}, Spec: xosv1.KubernetesConfigMapSpec{Data: data(0)},
			}, metav1.CreateOptions{})
			return err
		},
		create: func(ctx context.Context, c clients, i int) error {
			_, err := c.xos.XosV1().KubernetesConfigVolumeMounts(domain).Create(ctx, &xosv1.KubernetesConfigVolumeMount{
				ObjectMeta: meta(i), Spec: xosv1.KubernetesConfigVolumeMountSpec{
					ConfigMap: "shared", VolumeMount: xosv1.VolumeMount{ServiceInstance: name(i), MountPath: "/etc/shared"},
				},
			}, metav1.CreateOptions{})
			if err != nil {
				return err
			}
			_, err = c.xos.XosV1().KubernetesServiceInstances(domain).Create(ctx,
				&xosv1.KubernetesServiceInstance{ObjectMeta: meta(i), Spec: xosv1.KubernetesServiceInstanceSpec{ImageReference: image}}, metav1.CreateOptions{})
			return err
		},
		floor: func(ctx context.Context, c clients, i int) error {
			_, err := c.kube.CoreV1().Pods(domain).Create(ctx, &corev1.Pod{ObjectMeta: floorMeta(i), Spec: podSpec(image)}, metav1.CreateOptions{})
			return err
		},
	}
}

func slices(n int) scenario {
	const image = "registry.example/pause:1"
	labels := func(i int) map[string]string { return map[string]string{"app": name(i)} }
	return scenario{
		name: "Slice", count: n,
		custom: xos("slices"), native: appsv1.SchemeGroupVersion.WithResource("deployments"),
		create: func(ctx context.Context, c clients, i int) error {
			_, err := c.xos.XosV1().Slices(domain).Create(ctx, &xosv1.Slice{ObjectMeta: meta(i), Spec: xosv1.SliceSpec{
				ControllerKind: xosv1.ControllerKindDeployment, ControllerReplicaCount: ptr.To[int32](1),
				Template: &xosv1.PodTemplate{Spec: podSpec(image)},
			}}, metav1.CreateOptions{})
			return err
		},
		floor: func(ctx context.Context, c clients, i int) error {
			_, err := c.kube.AppsV1().Deployments(domain).Create(ctx, &appsv1.Deployment{ObjectMeta: floorMeta(i), Spec: appsv1.DeploymentSpec{
				Replicas: ptr.To[int32](1), Selector: &metav1.LabelSelector{MatchLabels: labels(i)},
				Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels(i)}, Spec: podSpec(image)},
			}}, metav1.CreateOptions{})
			return err
		},
	}
}

func podSpec(image string) corev1.PodSpec {
	return corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: image}}}
}

// floorMeta carries the label by which both the manager's and the floor's
// objects are counted.
func floorMeta(i int) metav1.ObjectMeta {
	m := meta(i)
	m.Labels = map[string]string{xosv1.ManagedByLabel: xosv1.ManagedByValue}
	return m
}
