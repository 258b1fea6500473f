package main

import (
	"fmt"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
)

// shape is how large the cluster is.
type shape struct{ pods, namespaces int }

const (
	// replicas is how many pods a workload has.
	replicas = 20
	// statefulEvery is that one in so many workloads is a StatefulSet, whose pods have labels that
	// no other pod has.
	statefulEvery = 10
	// podsOnNode is how many pods a node has.
	podsOnNode = 50
	// applications is how many different images there are beside those of the sidecars.
	applications = 300
)

func (s shape) workloads() int { return (s.pods + replicas - 1) / replicas }
func (s shape) nodes() int     { return max(3, s.pods/podsOnNode) }

func (s shape) namespace(workload int) string { return fmt.Sprintf("team-%04d", workload%s.namespaces) }

func isStateful(workload int) bool { return workload%statefulEvery == statefulEvery-1 }

func workloadName(workload int) string {
	return fmt.Sprintf("%s-%05d", []string{"checkout", "frontend", "inventory", "payment-gateway", "search-indexer"}[workload%5], workload)
}

// uid is a UID that follows from what it is of.
func uid(kind string, i int) types.UID {
	return types.UID(fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", i*2654435761&0xffffffff, len(kind)*31&0xffff, int(kind[0]), i&0xfff, i))
}

// born is when object i was created: each at another time.
func born(i int) metav1.Time {
	return metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i*37) * time.Second))
}

func image(workload int) string {
	return fmt.Sprintf("registry.example.org/shop/application-%03d:v1.%d.0", workload%applications, workload%7)
}

// pod returns pod i as the API server would have it: with what a workload of a usual chart and a
// usual network plugin put into it.
func (s shape) pod(i int) *corev1.Pod {
	workload, ordinal := i/replicas, i%replicas
	name := workloadName(workload)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: s.namespace(workload), UID: uid("pod", i), ResourceVersion: strconv.Itoa(1_000_000 + i), Generation: 1,
			CreationTimestamp: born(i), ManagedFields: podFields(i),
			Labels: map[string]string{
				"app.kubernetes.io/name": name, "app.kubernetes.io/instance": name, "app.kubernetes.io/version": fmt.Sprintf("v1.%d.0", workload%7),
				"app.kubernetes.io/part-of": "shop",
			},
			Annotations: map[string]string{
				"cni.projectcalico.org/containerID": fmt.Sprintf("%064x", i), "cni.projectcalico.org/podIP": address(i) + "/32",
				"cni.projectcalico.org/podIPs": address(i) + "/32", "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z",
				"prometheus.io/scrape": "true", "prometheus.io/port": "9102",
			},
		},
		Spec: podSpec(workload, i), Status: podStatus(workload, i),
	}
	pod.Spec.NodeName = nodeName(i % s.nodes())
	if isStateful(workload) {
		pod.Name, pod.GenerateName = fmt.Sprintf("%s-%d", name, ordinal), name+"-"
		pod.Labels[appsv1.StatefulSetPodNameLabel], pod.Labels[appsv1.PodIndexLabel] = pod.Name, strconv.Itoa(ordinal)
		pod.Labels[appsv1.StatefulSetRevisionLabel] = name + "-7d9c6d5b8f"
		pod.OwnerReferences = controlledBy("StatefulSet", name, uid("StatefulSet", workload))
		return pod
	}
	pod.GenerateName = replicaSetName(workload) + "-"
	pod.Name = pod.GenerateName + fmt.Sprintf("%05x", i*40503&0xfffff)
	pod.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = replicaSetHash(workload)
	pod.OwnerReferences = controlledBy("ReplicaSet", replicaSetName(workload), uid("ReplicaSet", workload))
	return pod
}

func address(i int) string  { return fmt.Sprintf("10.%d.%d.%d", i>>16&0xff, i>>8&0xff, i&0xff) }
func nodeName(i int) string { return fmt.Sprintf("worker-%04d.cluster.example.org", i) }
func replicaSetHash(workload int) string {
	return fmt.Sprintf("%010x", workload*2654435761&0xffffffffff)
}
func replicaSetName(workload int) string {
	return workloadName(workload) + "-" + replicaSetHash(workload)
}

func controlledBy(kind, name string, uid types.UID) []metav1.OwnerReference {
	return []metav1.OwnerReference{{
		APIVersion: "apps/v1", Kind: kind, Name: name, UID: uid, Controller: ptr.To(true), BlockOwnerDeletion: ptr.To(true),
	}}
}

func podSpec(workload, i int) corev1.PodSpec {
	token := fmt.Sprintf("kube-api-access-%05x", i*7919&0xfffff)
	mounts := []corev1.VolumeMount{
		{Name: "config", MountPath: "/etc/application", ReadOnly: true}, {Name: "tls", MountPath: "/etc/tls", ReadOnly: true},
		{Name: "scratch", MountPath: "/tmp"}, {Name: token, MountPath: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true},
	}
	container := func(name, image string, port int32) corev1.Container {
		probe := func() *corev1.Probe {
			return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromInt32(port), Scheme: corev1.URISchemeHTTP}}, TimeoutSeconds: 1, PeriodSeconds: 10, SuccessThreshold: 1, FailureThreshold: 3}
		}
		c := corev1.Container{
			Name: name, Image: image, Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: port, Protocol: corev1.ProtocolTCP}},
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("128Mi")},
				Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("256Mi")},
			},
			VolumeMounts: mounts, LivenessProbe: probe(), ReadinessProbe: probe(), ImagePullPolicy: corev1.PullIfNotPresent,
			TerminationMessagePath: "/dev/termination-log", TerminationMessagePolicy: corev1.TerminationMessageReadFile,
			SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: ptr.To(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
		}
		for _, key := range []string{"DATABASE_URL", "CACHE_URL", "LOG_LEVEL", "REGION", "FEATURE_FLAGS", "TRACING_ENDPOINT"} {
			c.Env = append(c.Env, corev1.EnvVar{Name: key, Value: "some value of an environment variable"})
		}
		return c
	}
	migrate := container("migrate", image(workload), 8080)
	migrate.LivenessProbe, migrate.ReadinessProbe = nil, nil
	return corev1.PodSpec{
		InitContainers: []corev1.Container{migrate},
		Containers:     []corev1.Container{container("application", image(workload), 8080), container("exporter", "registry.example.org/tools/exporter:v0.18.1", 9102)},
		Volumes: []corev1.Volume{
			{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "application-config"}, DefaultMode: ptr.To[int32](420)}}},
			{Name: "tls", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "application-tls", DefaultMode: ptr.To[int32](420)}}},
			{Name: "scratch", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
			{Name: token, VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{DefaultMode: ptr.To[int32](420), Sources: []corev1.VolumeProjection{
				{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{ExpirationSeconds: ptr.To[int64](3607), Path: "token"}},
				{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}, Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}}},
				{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{{Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"}}}}},
			}}}},
		},
		RestartPolicy: corev1.RestartPolicyAlways, TerminationGracePeriodSeconds: ptr.To[int64](30), DNSPolicy: corev1.DNSClusterFirst,
		ServiceAccountName: "default", DeprecatedServiceAccount: "default", SchedulerName: corev1.DefaultSchedulerName, Priority: ptr.To[int32](0),
		EnableServiceLinks: ptr.To(true), PreemptionPolicy: ptr.To(corev1.PreemptLowerPriority), SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: ptr.To(true)},
		Tolerations: []corev1.Toleration{
			{Key: corev1.TaintNodeNotReady, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: ptr.To[int64](300)},
			{Key: corev1.TaintNodeUnreachable, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: ptr.To[int64](300)},
		},
	}
}

func podStatus(workload, i int) corev1.PodStatus {
	status := corev1.PodStatus{
		ObservedGeneration: 1, Phase: corev1.PodRunning, PodIP: address(i), PodIPs: []corev1.PodIP{{IP: address(i)}}, HostIP: "192.0.2.7",
		HostIPs: []corev1.HostIP{{IP: "192.0.2.7"}}, StartTime: ptr.To(born(i)), QOSClass: corev1.PodQOSBurstable,
	}
	for _, kind := range []corev1.PodConditionType{"PodReadyToStartContainers", corev1.PodInitialized, corev1.PodReady, corev1.ContainersReady, corev1.PodScheduled} {
		status.Conditions = append(status.Conditions, corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: born(i), ObservedGeneration: 1})
	}
	ran := func(n int, name, image string, state corev1.ContainerState) corev1.ContainerStatus {
		return corev1.ContainerStatus{
			Name: name, Image: image, ImageID: fmt.Sprintf("registry.example.org/shop/application@sha256:%064x", workload%applications*3+n), ContainerID: fmt.Sprintf("containerd://%064x", i*3+n),
			Ready: true, Started: ptr.To(true), State: state,
		}
	}
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: born(i)}}
	done := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed", StartedAt: born(i), FinishedAt: born(i), ContainerID: fmt.Sprintf("containerd://%064x", i*3+2)}}
	status.InitContainerStatuses = []corev1.ContainerStatus{ran(0, "migrate", image(workload), done)}
	status.ContainerStatuses = []corev1.ContainerStatus{ran(1, "application", image(workload), running), ran(2, "exporter", "registry.example.org/tools/exporter:v0.18.1", running)}
	return status
}

// podFields are the records of who manages which field, as long as they are in a cluster.
func podFields(i int) []metav1.ManagedFieldsEntry {
	created, reported := born(i), born(i)
	return []metav1.ManagedFieldsEntry{
		{Manager: "kube-controller-manager", Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "v1", Time: &created, FieldsType: "FieldsV1",
			FieldsV1: metav1.NewFieldsV1(`{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/restartedAt":{},"f:prometheus.io/port":{},"f:prometheus.io/scrape":{}},"f:generateName":{},"f:labels":{".":{},"f:app.kubernetes.io/instance":{},"f:app.kubernetes.io/name":{},"f:app.kubernetes.io/part-of":{},"f:app.kubernetes.io/version":{},"f:pod-template-hash":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"9d4cff30-7d0a-4a2a-8f2e-0d0f3f0c6a5d\"}":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"application\"}":{".":{},"f:env":{".":{},"k:{\"name\":\"CACHE_URL\"}":{".":{},"f:name":{},"f:value":{}},"k:{\"name\":\"DATABASE_URL\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:livenessProbe":{".":{},"f:failureThreshold":{},"f:httpGet":{".":{},"f:path":{},"f:port":{},"f:scheme":{}}},"f:name":{},"f:ports":{".":{},"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:name":{},"f:protocol":{}}},"f:resources":{},"f:securityContext":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{},"f:volumeMounts":{}}},"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:initContainers":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{},"f:volumes":{}}}`)},
		{Manager: "kubelet", Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "v1", Time: &reported, FieldsType: "FieldsV1", Subresource: "status",
			FieldsV1: metav1.NewFieldsV1(`{"f:status":{"f:conditions":{"k:{\"type\":\"ContainersReady\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},"k:{\"type\":\"Initialized\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},"k:{\"type\":\"Ready\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}},"f:containerStatuses":{},"f:hostIP":{},"f:hostIPs":{},"f:initContainerStatuses":{},"f:phase":{},"f:podIP":{},"f:podIPs":{},"f:startTime":{}}}`)},
	}
}
