package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// scenarios are all kinds that are measured, each in a trust domain and namespace
// of its own: the same-namespace case, which needs no finalizer.
func scenarios(n sizes, prefix string) []scenario {
	return []scenario{
		configMaps(n.configMaps, prefix+"-configmaps"), instances(n.instances, prefix+"-instances"),
		slices(n.slices, prefix+"-slices"), resourceInstances(n.resourceInstances, prefix+resourceInstancesSuffix),
	}
}

// What is made by the manager and by the floor, before and after it, is told apart
// by the prefix of its namespace. Each has one of its own: for a while after a
// namespace was deleted, the API server looks a new one of its name up in etcd
// with each write.
var managedPrefixes, floorPrefixes = []string{"bench-1", "bench-2"}, []string{"floor-1", "floor-2", "floor-3"}

const resourceInstancesSuffix = "-resourceinstances"

// role is the ClusterRole that principals may have.
const role = "edit"

// scenario is one kind of custom resource, how one is made, and what the least
// is that a client would have to write to come to the same native objects.
type scenario struct {
	name   string
	count  int
	domain string
	// custom and native are what is counted while it comes and goes, children how
	// many native objects there are to a custom resource; 1 where 0.
	custom, native schema.GroupVersionResource
	children       int
	// selector is what the native objects are known by; the manager's own label
	// where empty.
	selector string
	// isReady says when a native object counts as ready; nil for a kind that is
	// ready as soon as it exists.
	isReady func(*unstructured.Unstructured) bool
	// prepare makes what all of them share.
	prepare func(ctx context.Context, c clients) error
	// create makes custom resource i.
	create func(ctx context.Context, c clients, i int) error
	// floor makes native object n of custom resource i, and returns its UID.
	floor func(ctx context.Context, c clients, i, n int) (types.UID, error)
	// status is the patch by which the floor reports custom resource i ready, whose
	// native objects have these UIDs; nil for a kind whose status is no more than the
	// conditions and the object's path.
	status func(i int, made []types.UID) ([]byte, error)
	// hold is the patch of custom resource i by which a raw client too would have
	// to note what it is about to make, before it does; nil where owner references
	// are enough.
	hold func(i int) ([]byte, error)
	// beside is a further custom resource of that name, which create makes too;
	// none where its resource is empty.
	beside schema.GroupVersionResource
	// prepareFloor makes what the floor lacks for want of a manager.
	prepareFloor func(ctx context.Context, c clients) error
	// child is the name of native object n of custom resource i.
	child func(i, n int) string
	// writes is the bound on the manager's writes for each; 0 where it depends
	// on how often the native object's status changes.
	writes float64
}

// counts makes a counter of the native objects that satisfy a condition.
func (s scenario) counts(ctx context.Context, c clients, holds func(*unstructured.Unstructured) bool, began func(name string)) *counter {
	selector := s.selector
	if selector == "" {
		selector = xosv1.ManagedByLabel + "=" + xosv1.ManagedByValue
	}
	return newCounter(ctx, c, s.native, s.domain, selector, holds, began)
}

// each is how many native objects there are to a custom resource, natives how
// many a scenario comes to.
func (s scenario) each() int    { return max(1, s.children) }
func (s scenario) natives() int { return s.count * s.each() }

// remove deletes custom resource i, and what create made beside it.
func (s scenario) remove(ctx context.Context, c clients, i int) error {
	err := c.dynamic.Resource(s.custom).Namespace(s.domain).Delete(ctx, name(i), metav1.DeleteOptions{})
	if s.beside.Empty() {
		return err
	}
	return errors.Join(err, c.dynamic.Resource(s.beside).Namespace(s.domain).Delete(ctx, name(i), metav1.DeleteOptions{}))
}

// removeChild deletes a native object. Pods that are to come back go at once: it
// is not the played kubelet that is measured, which moreover deletes by name
// alone, and so also a pod that has come back meanwhile.
func (s scenario) removeChild(ctx context.Context, c clients, i, n int, how metav1.DeleteOptions) error {
	return c.dynamic.Resource(s.native).Namespace(s.domain).Delete(ctx, s.child(i, n), how)
}

// repaired is how many native objects are deleted to see them come back.
func (s scenario) repaired() int { return min(100, s.count) }

func atOnce() metav1.DeleteOptions {
	return metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)}
}

func xos(resource string) schema.GroupVersionResource {
	return xosv1.SchemeGroupVersion.WithResource(resource)
}

func name(i int) string { return fmt.Sprintf("bench-%05d", i) }

// only names the only native object of a custom resource, which is called like it.
func only(i, _ int) string { return name(i) }

func meta(domain string, i int) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: domain, Name: name(i)}
}

func data(i int) map[string]string {
	return map[string]string{"key": name(i), "text": "some hundred bytes of configuration, as one would find them in a small service's config map, more or less"}
}

func configMaps(n int, domain string) scenario {
	return scenario{
		name: "KubernetesConfigMap", count: n, domain: domain, writes: 2, child: only,
		custom: xos("kubernetesconfigmaps"), native: corev1.SchemeGroupVersion.WithResource("configmaps"),
		create: func(ctx context.Context, c clients, i int) error {
			_, err := c.xos.XosV1().KubernetesConfigMaps(domain).Create(ctx,
				&xosv1.KubernetesConfigMap{ObjectMeta: meta(domain, i), Spec: xosv1.KubernetesConfigMapSpec{Data: data(i)}}, metav1.CreateOptions{})
			return err
		},
		floor: func(ctx context.Context, c clients, i, _ int) (types.UID, error) {
			made, err := c.kube.CoreV1().ConfigMaps(domain).Create(ctx, &corev1.ConfigMap{ObjectMeta: floorMeta(domain, i), Data: data(i)}, metav1.CreateOptions{})
			return made.GetUID(), err
		},
	}
}

func instances(n int, domain string) scenario {
	const image = "registry.example/pause:1"
	return scenario{
		name: "KubernetesServiceInstance", count: n, domain: domain, isReady: condition("Ready"), child: only,
		custom: xos("kubernetesserviceinstances"), native: corev1.SchemeGroupVersion.WithResource("pods"),
		beside: xos("kubernetesconfigvolumemounts"),
		prepare: func(ctx context.Context, c clients) error {
			_, err := c.xos.XosV1().KubernetesConfigMaps(domain).Create(ctx, &xosv1.KubernetesConfigMap{
				ObjectMeta: metav1.ObjectMeta{Namespace: domain, Name: "shared"}, Spec: xosv1.KubernetesConfigMapSpec{Data: data(0)},
			}, metav1.CreateOptions{})
			return err
		},
		create: func(ctx context.Context, c clients, i int) error {
			_, err := c.xos.XosV1().KubernetesConfigVolumeMounts(domain).Create(ctx, &xosv1.KubernetesConfigVolumeMount{
				ObjectMeta: meta(domain, i), Spec: xosv1.KubernetesConfigVolumeMountSpec{
					ConfigMap: "shared", VolumeMount: xosv1.VolumeMount{ServiceInstance: name(i), MountPath: "/etc/shared"},
				},
			}, metav1.CreateOptions{})
			if err != nil {
				return err
			}
			_, err = c.xos.XosV1().KubernetesServiceInstances(domain).Create(ctx,
				&xosv1.KubernetesServiceInstance{ObjectMeta: meta(domain, i), Spec: xosv1.KubernetesServiceInstanceSpec{ImageReference: image}}, metav1.CreateOptions{})
			return err
		},
		floor: func(ctx context.Context, c clients, i, _ int) (types.UID, error) {
			pod := &corev1.Pod{ObjectMeta: floorMeta(domain, i), Spec: podSpec(image)}
			pod.Spec.Volumes = []corev1.Volume{{Name: "shared", VolumeSource: corev1.VolumeSource{
				ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "shared"}},
			}}}
			pod.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "shared", MountPath: "/etc/shared"}}
			made, err := c.kube.CoreV1().Pods(domain).Create(ctx, pod, metav1.CreateOptions{})
			return made.GetUID(), err
		},
	}
}

func slices(n int, domain string) scenario {
	const image = "registry.example/pause:1"
	labels := func(i int) map[string]string { return map[string]string{"app": name(i)} }
	return scenario{
		name: "Slice", count: n, domain: domain, isReady: condition("Available"), child: only,
		custom: xos("slices"), native: appsv1.SchemeGroupVersion.WithResource("deployments"),
		create: func(ctx context.Context, c clients, i int) error {
			_, err := c.xos.XosV1().Slices(domain).Create(ctx, &xosv1.Slice{ObjectMeta: meta(domain, i), Spec: xosv1.SliceSpec{
				ControllerKind: xosv1.ControllerKindDeployment, ControllerReplicaCount: ptr.To[int32](1),
				Template: &xosv1.PodTemplate{Spec: podSpec(image)},
			}}, metav1.CreateOptions{})
			return err
		},
		floor: func(ctx context.Context, c clients, i, _ int) (types.UID, error) {
			made, err := c.kube.AppsV1().Deployments(domain).Create(ctx, &appsv1.Deployment{ObjectMeta: floorMeta(domain, i), Spec: appsv1.DeploymentSpec{
				Replicas: ptr.To[int32](1), Selector: &metav1.LabelSelector{MatchLabels: labels(i)},
				Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels(i)}, Spec: podSpec(image)},
			}}, metav1.CreateOptions{})
			return made.GetUID(), err
		},
	}
}

// documents is how many documents a resource instance of the bench has.
const documents = 5

// applier is the principal as whom they are applied.
const applier = "applier"

// resourceInstances makes config maps out of documents. The floor applies the
// same documents server-side, as the principal's ServiceAccount, and reports each
// with its UID in the status' inventory, since that is what the kind promises.
func resourceInstances(n int, domain string) scenario {
	child := func(i, d int) string { return fmt.Sprintf("%s-%d", name(i), d) }
	blobOf := func(i, documents int) string {
		var blob strings.Builder
		for d := range documents {
			fmt.Fprintf(&blob, "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n  labels: {app: bench}\ndata:\n", child(i, d))
			for key, value := range data(i) {
				fmt.Fprintf(&blob, "  %s: %q\n", key, value)
			}
		}
		return blob.String()
	}
	resource := func(i, documents int) *xosv1.KubernetesResourceInstance {
		return &xosv1.KubernetesResourceInstance{
			ObjectMeta: meta(domain, i), Spec: xosv1.KubernetesResourceInstanceSpec{Principal: applier, ResourceDefinition: blobOf(i, documents)},
		}
	}
	inventory := func(i int) (entries []xosv1.InventoryEntry) {
		for d := range documents {
			entries = append(entries, xosv1.InventoryEntry{APIVersion: "v1", Kind: "ConfigMap", Namespace: domain, Name: child(i, d)})
		}
		return entries
	}
	return scenario{
		name: "KubernetesResourceInstance", count: n, domain: domain, children: documents, writes: documents + 2,
		child: child, selector: "app=bench",
		custom: xos("kubernetesresourceinstances"), native: corev1.SchemeGroupVersion.WithResource("configmaps"),
		prepare: func(ctx context.Context, c clients) error {
			_, err := c.xos.XosV1().Principals(domain).Create(ctx, &xosv1.Principal{
				ObjectMeta: metav1.ObjectMeta{Namespace: domain, Name: applier}, Spec: xosv1.PrincipalSpec{Roles: []string{role}},
			}, metav1.CreateOptions{})
			if err != nil {
				return err
			}
			// One is there before the others, so that discovery is done.
			_, err = c.xos.XosV1().KubernetesResourceInstances(domain).Create(ctx, resource(n, 1), metav1.CreateOptions{})
			return err
		},
		prepareFloor: func(ctx context.Context, c clients) error {
			_, err := c.kube.RbacV1().RoleBindings(domain).Create(ctx, &rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Name: applier},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
				Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: domain, Name: applier}},
			}, metav1.CreateOptions{})
			return err
		},
		hold: func(i int) ([]byte, error) {
			intent, err := json.Marshal(inventory(i))
			if err != nil {
				return nil, err
			}
			return json.Marshal(map[string]any{"metadata": map[string]any{
				"finalizers": []string{xosv1.CleanupFinalizer}, "annotations": map[string]string{xosv1.IntentAnnotation: string(intent)},
			}})
		},
		status: func(i int, made []types.UID) ([]byte, error) {
			entries := inventory(i)
			for d := range entries {
				entries[d].UID, entries[d].Health = made[d], xosv1.HealthCurrent
			}
			return inventoryStatus(entries, xosv1.AppliedAs{Namespace: domain, Name: applier})
		},
		create: func(ctx context.Context, c clients, i int) error {
			_, err := c.xos.XosV1().KubernetesResourceInstances(domain).Create(ctx, resource(i, documents), metav1.CreateOptions{})
			return err
		},
		floor: func(ctx context.Context, c clients, i, d int) (types.UID, error) {
			want := corev1ac.ConfigMap(child(i, d), domain).WithLabels(map[string]string{"app": "bench"}).WithData(data(i))
			made, err := c.appliers[domain].CoreV1().ConfigMaps(domain).Apply(ctx, want, metav1.ApplyOptions{FieldManager: "bench"})
			return made.GetUID(), err
		},
	}
}

// inventoryStatus is the floor's status with all that the kind's status holds beside
// the conditions.
func inventoryStatus(entries []xosv1.InventoryEntry, account xosv1.AppliedAs) ([]byte, error) {
	patch := map[string]map[string]any{}
	if err := json.Unmarshal([]byte(status), &patch); err != nil {
		return nil, err
	}
	patch["status"]["inventory"], patch["status"]["account"] = entries, account
	patch["status"]["kubectlState"] = xosv1.KubectlStateCreated
	delete(patch["status"], "backendHandle") // there is none of several objects
	return json.Marshal(patch)
}

func podSpec(image string) corev1.PodSpec {
	return corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: image}}}
}

// floorMeta carries the label by which both the manager's and the floor's
// objects are counted.
func floorMeta(domain string, i int) metav1.ObjectMeta {
	m := meta(domain, i)
	m.Labels = map[string]string{xosv1.ManagedByLabel: xosv1.ManagedByValue}
	return m
}
