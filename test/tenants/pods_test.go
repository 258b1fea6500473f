package tenants

// A client that may write a slice may run pods in its domain, within what the domain
// allows. What it says nothing of is the safe way.

// runs is a row with a slice whose pods have this in their spec, which no pod may
// have in the end.
func runs(name, pod, trace string) attack {
	return attack{
		name:  name,
		does:  []step{applies(deployment("web", pod))},
		holds: []step{refused("Slice web"), nobody(trace)},
	}
}

// runsContainer is runs for what is in the container.
func runsContainer(name, container, trace string) attack {
	return attack{
		name: name,
		does: []step{applies(manifest("Slice", "web",
			"controllerKind: Deployment, controllerReplicaCount: 1, template: {spec: {containers: [{name: main, image: example.com/none, "+container+"}]}}"))},
		holds: []step{refused("Slice web"), nobody(trace)},
	}
}

// runsInstance is runs for an instance.
func runsInstance(name, pod, trace string) attack {
	return attack{
		name:  name,
		does:  []step{applies(instance("one", "template: {spec: {containers: []"+comma(pod)+"}}"))},
		holds: []step{refused("KubernetesServiceInstance one"), nobody(trace), absent("Pod one")},
	}
}

// trackedTemplate is a row with a slice whose template has metadata that is ours to set.
func trackedTemplate(name, metadata string) attack {
	return attack{name: name, does: []step{applies(templated("web", metadata))}, holds: []step{rejected("Slice web"), absent("Deployment web")}}
}

var pods = []attack{
	runsContainer("a container is privileged", "securityContext: {privileged: true}", "privileged:true"),
	runsContainer("a container may do what root may", "securityContext: {capabilities: {add: [SYS_ADMIN]}}", "SYS_ADMIN"),
	runsContainer("a container sees all of /proc", "securityContext: {procMount: Unmasked}", "Unmasked"),
	runsContainer("a container has no seccomp profile", "securityContext: {seccompProfile: {type: Unconfined}}", "Unconfined"),
	runsContainer("a container has no AppArmor profile", "securityContext: {appArmorProfile: {type: Unconfined}}", "Unconfined"),
	runsContainer("a container takes a port of the node", "ports: [{containerPort: 80, hostPort: 80}]", "hostPort:80"),
	runs("a pod mounts the node's disk", "volumes: [{name: root, hostPath: {path: /}}]", "hostPath"),
	runs("a pod is in the node's network", "hostNetwork: true", "hostNetwork:true"),
	runs("a pod sees the node's processes", "hostPID: true", "hostPID:true"),
	runs("a pod shares the node's memory", "hostIPC: true", "hostIPC:true"),
	runs("a pod sets a parameter of the node's kernel", "securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}", "kernel.msgmax"),
	runs("a pod has an SELinux type of its own", "securityContext: {seLinuxOptions: {type: spc_t}}", "spc_t"),
	runs("a pod is a process of a Windows node", "os: {name: windows}, hostNetwork: true, securityContext: {windowsOptions: {hostProcess: true, runAsUserName: a}}", "hostProcess:true"),
	runs("an init container is privileged", "initContainers: [{name: first, image: example.com/none, securityContext: {privileged: true}}]", "privileged:true"),
	runs("a pod is as urgent as the node's own", "priorityClassName: system-node-critical", "system-node-critical"),
	runs("a pod is as urgent as the cluster's own", "priorityClassName: system-cluster-critical", "system-cluster-critical"),
	runs("a pod is urgent by a number", "priority: 2000000000", "priority:2000000000"),
	runs("a pod has an ephemeral container", "ephemeralContainers: [{name: debug, image: example.com/none, securityContext: {privileged: true}}]", "ephemeralContainers"),
	runsInstance("an instance is privileged", "initContainers: [{name: first, image: example.com/none, securityContext: {privileged: true}}]", "privileged:true"),
	runsInstance("an instance mounts the node's disk", "volumes: [{name: root, hostPath: {path: /}}]", "hostPath"),
	runsInstance("an instance is in the node's network", "hostNetwork: true", "hostNetwork:true"),
	runsInstance("an instance is as urgent as the node's own", "priorityClassName: system-node-critical", "system-node-critical"),
	runsInstance("an instance has an ephemeral container", "ephemeralContainers: [{name: debug, image: example.com/none}]", "ephemeralContainers"),
	runsInstance("an instance is owned by itself alone on a node", "nodeName: ../../nodes/a", "nodeName:.."),
	trackedTemplate("a template has our label of what we manage", "labels: {app.kubernetes.io/managed-by: xos.opencord.org}"),
	trackedTemplate("a template has our label of a slice", "labels: {xos.opencord.org/slice: theirs}"),
	trackedTemplate("a template has our tracking annotation", "annotations: {xos.opencord.org/owner: KubernetesServiceInstance/$mine/one/uid/Pod/$mine/one}"),
	trackedTemplate("a template says that its pods may be adopted", "annotations: {xos.opencord.org/adoptable: 'true'}"),
	{
		name:  "an instance's template has our label of what we manage",
		does:  []step{applies(instance("one", "template: {metadata: {labels: {app.kubernetes.io/managed-by: xos.opencord.org}}}"))},
		holds: []step{rejected("KubernetesServiceInstance one")},
	},
	{
		name: "a claim's template has our label of what we manage",
		does: []step{applies(manifest("Slice", "web", `controllerKind: StatefulSet, serviceName: web, template: {spec: {containers: [{name: main, image: example.com/none}]}},
			volumeClaimTemplates: [{name: data, metadata: {labels: {app.kubernetes.io/managed-by: xos.opencord.org}}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]`))},
		holds: []step{rejected("Slice web")},
	},
	{
		name:  "a job's pods mount the node's disk",
		does:  []step{applies(manifest("Slice", "web", "controllerKind: Job, template: {spec: {restartPolicy: Never, containers: [{name: main, image: example.com/none}], volumes: [{name: root, hostPath: {path: /}}]}}"))},
		holds: []step{refused("Slice web"), nobody("hostPath")},
	},
	{
		name:  "pods on each node are in its network",
		does:  []step{applies(manifest("Slice", "web", "controllerKind: DaemonSet, template: {spec: {hostNetwork: true, containers: [{name: main, image: example.com/none}]}}"))},
		holds: []step{refused("Slice web"), nobody("hostNetwork:true")},
	},
	{
		name:  "a node port is taken from another's Service",
		given: manifest("Service", "web", "") + manifest("Slice", "web", "service: web") + manifest("ServicePort", "web", "service: web, internalPort: 80, externalPort: 32111"),
		does:  []step{applies(manifest("Service", "mine", "") + manifest("Slice", "mine", "service: mine") + manifest("ServicePort", "mine", "service: mine, internalPort: 80, externalPort: 32111"))},
		holds: []step{refused("Service mine")},
		hides: []string{"$victim"},
	},
	{
		name:  "a Service of another's has its name taken in a domain that both use",
		given: manifest("Service", "web", "") + manifest("Slice", "web", "service: web, trustDomain: $shared") + manifest("ServicePort", "web", "service: web, internalPort: 80"),
		does:  []step{applies(manifest("Service", "web", taking) + manifest("Slice", "other", "service: web, trustDomain: $shared") + manifest("ServicePort", "web", "service: web, internalPort: 81"))},
		holds: []step{refused("Service web", "NotOwned")},
		hides: []string{"$victim"},
	},
	{
		name:  "a slice of another's has its name taken in a domain that both use",
		given: deployment("web", "", "trustDomain: $shared"),
		does:  []step{applies(deployment("web", "", "trustDomain: $shared", taking))},
		holds: []step{refused("Slice web", "NotOwned"), deletesIfThere("Slice web")},
		hides: []string{"$victim"},
	},
	{
		name:  "an instance of another's has its name taken in a domain that both use",
		given: manifest("Slice", "web", "trustDomain: $shared") + instance("one", "slice: web"),
		does:  []step{applies(manifest("Slice", "web", "trustDomain: $shared") + instance("one", "slice: web", taking))},
		holds: []step{refused("KubernetesServiceInstance one", "NotOwned"), deletesIfThere("KubernetesServiceInstance one")},
		hides: []string{"$victim"},
	},
}
