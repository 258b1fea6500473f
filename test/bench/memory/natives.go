package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/ptr"
)

// native is a resource whose objects follow from their numbers and never change. None of them is
// held, so that the server stays small.
type native struct {
	kind  schema.GroupVersionKind
	count int
	make  func(i int) runtime.Object
}

// object is an object of any native kind.
type object interface {
	metav1.Object
	runtime.Object
}

// empty returns an object of the kind without content.
func (n native) empty() object {
	o, err := scheme.Scheme.New(n.kind)
	if err != nil {
		panic(err) // all kinds are in the scheme: seen in the first run
	}
	return o.(object)
}

// list returns an empty list of the kind.
func (n native) list() (runtime.Object, error) {
	return scheme.Scheme.New(n.kind.GroupVersion().WithKind(n.kind.Kind + "List"))
}

// natives are the resources of the cluster by group and plural. Those that the manager watches
// beside them are empty.
func (s shape) natives() map[schema.GroupResource]native {
	core, apps := corev1.SchemeGroupVersion, appsv1.SchemeGroupVersion
	stateful, stateless := s.numbers(true), s.numbers(false)
	all := map[schema.GroupResource]native{
		{Resource: "pods"}:            {core.WithKind("Pod"), s.pods, func(i int) runtime.Object { return s.pod(i) }},
		{Resource: "namespaces"}:      {core.WithKind("Namespace"), s.usedNamespaces() + 1, s.namespaceObject},
		{Resource: "serviceaccounts"}: {core.WithKind("ServiceAccount"), s.usedNamespaces(), s.account},
		{Resource: "nodes"}:           {core.WithKind("Node"), s.nodes(), node},
		{Group: "apps", Resource: "deployments"}: {apps.WithKind("Deployment"), len(stateless), func(i int) runtime.Object {
			return s.deployment(stateless[i])
		}},
		{Group: "apps", Resource: "replicasets"}: {apps.WithKind("ReplicaSet"), len(stateless), func(i int) runtime.Object {
			return s.replicaSet(stateless[i])
		}},
		{Group: "apps", Resource: "statefulsets"}: {apps.WithKind("StatefulSet"), len(stateful), func(i int) runtime.Object {
			return s.statefulSet(stateful[i])
		}},
	}
	for group, kinds := range map[schema.GroupVersion]map[string]string{
		core:                            {"configmaps": "ConfigMap", "secrets": "Secret", "services": "Service", "events": "Event"},
		apps:                            {"daemonsets": "DaemonSet"},
		{Group: "batch", Version: "v1"}: {"jobs": "Job", "cronjobs": "CronJob"},
		{Group: "rbac.authorization.k8s.io", Version: "v1"}: {"rolebindings": "RoleBinding"},
	} {
		for plural, kind := range kinds {
			all[schema.GroupResource{Group: group.Group, Resource: plural}] = native{kind: group.WithKind(kind)}
		}
	}
	return all
}

// usedNamespaces is how many namespaces have a workload.
func (s shape) usedNamespaces() int { return min(s.namespaces, s.workloads()) }

// numbers are those of the workloads that are StatefulSets, or are not.
func (s shape) numbers(stateful bool) (numbers []int) {
	for w := range s.workloads() {
		if isStateful(w) == stateful {
			numbers = append(numbers, w)
		}
	}
	return numbers
}

func metadata(kind, namespace, name string, i int) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace: namespace, Name: name, UID: uid(kind, i), ResourceVersion: strconv.Itoa(i + 1), Generation: 1, CreationTimestamp: born(i),
	}
}

func (s shape) namespaceObject(i int) runtime.Object {
	n := &corev1.Namespace{ObjectMeta: metadata("namespace", "", "kube-system", i), Status: corev1.NamespaceStatus{Phase: corev1.NamespaceActive}}
	if i < s.usedNamespaces() {
		n.Name = s.namespace(i)
	}
	n.Labels = map[string]string{corev1.LabelMetadataName: n.Name}
	return n
}

func (s shape) account(i int) runtime.Object {
	return &corev1.ServiceAccount{ObjectMeta: metadata("account", s.namespace(i), "default", i)}
}

func node(i int) runtime.Object {
	n := &corev1.Node{ObjectMeta: metadata("node", "", nodeName(i), i)}
	n.Labels = map[string]string{corev1.LabelHostname: n.Name, corev1.LabelTopologyZone: fmt.Sprintf("zone-%d", i%3), corev1.LabelTopologyRegion: "region"}
	n.Spec.ProviderID = "example://" + n.Name
	n.Status.Capacity = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("16"), corev1.ResourceMemory: resource.MustParse("64Gi"), corev1.ResourcePods: resource.MustParse("110")}
	n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, LastTransitionTime: born(i)}}
	n.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.0.2.7"}, {Type: corev1.NodeHostName, Address: n.Name}}
	return n
}

func (s shape) template(workload int) corev1.PodTemplateSpec {
	pod := s.pod(workload * replicas)
	pod.Spec.NodeName = ""
	return corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: selected(pod.Labels)}, Spec: pod.Spec}
}

// selected are the labels by which a workload selects its pods.
func selected(labels map[string]string) map[string]string {
	kept := maps.Clone(labels)
	maps.DeleteFunc(kept, func(key, _ string) bool {
		return !slices.Contains([]string{"app.kubernetes.io/name", "app.kubernetes.io/instance"}, key)
	})
	return kept
}

// size is how many pods a workload has.
func (s shape) size(workload int) int32 { return int32(min(replicas, s.pods-workload*replicas)) }

func (s shape) deployment(workload int) runtime.Object {
	n, template := s.size(workload), s.template(workload)
	return &appsv1.Deployment{
		ObjectMeta: metadata("Deployment", s.namespace(workload), workloadName(workload), workload),
		Spec:       appsv1.DeploymentSpec{Replicas: &n, Selector: &metav1.LabelSelector{MatchLabels: template.Labels}, Template: template},
		Status:     appsv1.DeploymentStatus{ObservedGeneration: 1, Replicas: n, UpdatedReplicas: n, ReadyReplicas: n, AvailableReplicas: n},
	}
}

func (s shape) replicaSet(workload int) runtime.Object {
	n, template := s.size(workload), s.template(workload)
	r := &appsv1.ReplicaSet{
		ObjectMeta: metadata("ReplicaSet", s.namespace(workload), replicaSetName(workload), workload),
		Spec:       appsv1.ReplicaSetSpec{Replicas: &n, Selector: &metav1.LabelSelector{MatchLabels: template.Labels}, Template: template},
		Status:     appsv1.ReplicaSetStatus{ObservedGeneration: 1, Replicas: n, FullyLabeledReplicas: n, ReadyReplicas: n, AvailableReplicas: n},
	}
	r.OwnerReferences = controlledBy("Deployment", workloadName(workload), uid("Deployment", workload))
	return r
}

func (s shape) statefulSet(workload int) runtime.Object {
	n, template := s.size(workload), s.template(workload)
	revision := workloadName(workload) + "-7d9c6d5b8f"
	return &appsv1.StatefulSet{
		ObjectMeta: metadata("StatefulSet", s.namespace(workload), workloadName(workload), workload),
		Spec: appsv1.StatefulSetSpec{Replicas: &n, Selector: &metav1.LabelSelector{MatchLabels: template.Labels}, Template: template,
			UpdateStrategy: appsv1.StatefulSetUpdateStrategy{Type: appsv1.RollingUpdateStatefulSetStrategyType, RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{Partition: ptr.To[int32](0)}}},
		Status: appsv1.StatefulSetStatus{ObservedGeneration: 1, Replicas: n, UpdatedReplicas: n, ReadyReplicas: n, CurrentReplicas: n, AvailableReplicas: n, CurrentRevision: revision, UpdateRevision: revision},
	}
}
