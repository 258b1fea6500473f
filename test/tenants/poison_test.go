package tenants

import "strings"

// What the API server accepts must be decoded, in bounded time, or be one object's
// failure. Each row has another tenant's object of the kind beside it, which is
// reconciled as before, and one of the attacker's own.

// poisons is made of specs that must be refused: by the API server, or with a
// reason, or run as they are. What they may not do is to stop their kind.
var poisons = []attack{
	poisonedInstance("a port of a container is beyond all", "ports: [{containerPort: 99999999999}]"),
	poisonedInstance("a port of a container is below all", "ports: [{containerPort: -99999999999}]"),
	poisonedInstance("a port of a container's node is beyond all", "ports: [{containerPort: 80, hostPort: 99999999999}]"),
	poisonedInstance("a quantity is no number", "resources: {requests: {cpu: 1e1.5}}"),
	poisonedInstance("a quantity is tiny", "resources: {requests: {cpu: '1e-99999999'}}"),
	poisonedInstance("a quantity is huge", "resources: {requests: {memory: '1e99999999'}}"),
	poisonedInstance("a limit is tiny", "resources: {limits: {memory: '1e-99999999'}}"),
	poisonedInstance("a quantity has a million digits", "resources: {requests: {cpu: '"+strings.Repeat("9", 1<<19)+"'}}"),
	poisonedInstance("a quantity has digits behind the point without end", "resources: {requests: {cpu: '0."+strings.Repeat("1", 1<<18)+"'}}"),
	poisonedInstance("a divisor is no number", "env: [{name: a, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1e1.5}}}]"),
	poisonedInstance("a variable's value is a byte that is no text", `env: [{name: a, value: "\u0000"}]`),
	poisonedSlice("a port of a probe is beyond all", "containers: [{name: main, image: a, livenessProbe: {tcpSocket: {port: 99999999999}}}]"),
	poisonedSlice("a port of a probe is a word beyond all", "containers: [{name: main, image: a, livenessProbe: {httpGet: {port: '"+strings.Repeat("p", 1<<18)+"'}}}]"),
	poisonedSlice("a probe waits beyond time", "containers: [{name: main, image: a, readinessProbe: {initialDelaySeconds: 99999999999, exec: {command: [a]}}}]"),
	poisonedSlice("a handler sleeps beyond time", "containers: [{name: main, image: a, lifecycle: {preStop: {sleep: {seconds: 9223372036854775807}}}}]"),
	poisonedSlice("a user is beyond all", "containers: [{name: main, image: a, securityContext: {runAsUser: 9223372036854775807}}]"),
	poisonedSlice("a volume's size is tiny", "containers: [{name: main, image: a}], volumes: [{name: a, emptyDir: {sizeLimit: '1e-99999999'}}]"),
	poisonedSlice("a volume's size is no number", "containers: [{name: main, image: a}], volumes: [{name: a, emptyDir: {sizeLimit: 1e1.5}}]"),
	poisonedSlice("a volume's mode is beyond all", "containers: [{name: main, image: a}], volumes: [{name: a, configMap: {name: a, defaultMode: 99999999999}}]"),
	poisonedSlice("a claim within a pod is tiny", "containers: [{name: main, image: a}], volumes: [{name: a, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: '1e-99999999'}}}}}}]"),
	poisonedSlice("a priority is beyond all", "containers: [{name: main, image: a}], priority: 99999999999"),
	poisonedSlice("a pod's overhead is tiny", "containers: [{name: main, image: a}], overhead: {cpu: '1e-99999999'}"),
	poisonedSlice("a skew is beyond all", "containers: [{name: main, image: a}], topologySpreadConstraints: [{maxSkew: 99999999999, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]"),
	poisonedSlice("a weight is beyond all", "containers: [{name: main, image: a}], affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 99999999999, preference: {}}]}}"),
	poisonedSlice("a selector has an operator that is none", "containers: [{name: main, image: a}], affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, labelSelector: {matchExpressions: [{key: a, operator: Maybe}]}}]}}"),
	poisonedSlice("a token's lifetime is beyond time", "containers: [{name: main, image: a}], volumes: [{name: a, projected: {sources: [{serviceAccountToken: {path: a, expirationSeconds: 9223372036854775807}}]}}]"),
	poisoned("a number of pods is beyond all", manifest("Slice", "poison", "controllerKind: Deployment, controllerReplicaCount: 99999999999, template: {spec: {containers: [{name: main, image: a}]}}"), deployment("healthy", "")),
	poisoned("a limit of instances is beyond all", manifest("Slice", "poison", "maxInstances: 99999999999"), manifest("Slice", "healthy", "")),
	poisoned("a claim of a slice is tiny", manifest("Slice", "poison", `controllerKind: StatefulSet, serviceName: a, template: {spec: {containers: [{name: main, image: a}]}},
		volumeClaimTemplates: [{name: a, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: '1e-99999999'}}}}]`), deployment("healthy", "")),
	poisoned("a schedule is a year that never comes", manifest("Slice", "poison", "controllerKind: CronJob, schedule: '0 0 31 2 *', "+once), deployment("healthy", "")),
	poisoned("a schedule is a duration beyond time", manifest("Slice", "poison", "controllerKind: CronJob, schedule: '@every 99999999999999h', "+once), deployment("healthy", "")),
	poisoned("a port of a service is beyond all", manifest("ServicePort", "poison", "service: healthy, internalPort: 99999999999"), manifest("Service", "healthy", "")),
	poisoned("a mode of a mount is beyond all", manifest("KubernetesConfigVolumeMount", "poison", "configMap: a, slice: b, mountPath: /a, defaultMode: 99999999999"), manifest("KubernetesConfigMap", "healthy", "data: {a: b}")),
	poisoned("a value of a Secret is no base64", manifest("KubernetesSecret", "poison", "data: {a: '!'}"), manifest("KubernetesSecret", "healthy", "stringData: {a: b}")),
	poisoned("a value of a ConfigMap is no base64", manifest("KubernetesConfigMap", "poison", "binaryData: {a: '=='}"), manifest("KubernetesConfigMap", "healthy", "data: {a: b}")),
}

// poisoned is a row with an object called poison, and one of its kind that another
// tenant has and the attacker makes too.
func poisoned(name, poison, healthy string) attack {
	kind, object := nameOf(healthy)
	return attack{
		name: name, given: healthy,
		does: []step{
			func(c *cast) { c.applyAs(c.tenant, poison); c.settlePoison() },
			applies(healthy), ready(kind + " " + object), operatorTouches(kind + " " + object),
		},
	}
}

// poisonedInstance is poisoned with a part of an instance's spec.
func poisonedInstance(name, spec string) attack {
	return poisoned(name, instance("poison", spec), instance("healthy"))
}

// poisonedSlice is poisoned with the pod's spec of a slice.
func poisonedSlice(name, pod string) attack {
	return poisoned(name, manifest("Slice", "poison", "controllerKind: Deployment, template: {spec: {"+pod+"}}"), deployment("healthy", ""))
}

// settlePoison waits for what was accepted, which may have been refused as a whole.
func (c *cast) settlePoison() {
	c.Helper()
	c.settle()
	for r := range c.refused {
		c.Logf("%s was refused when it was applied", r)
	}
}
