package recipe

import "math"

// property says what becomes of a property: a field, or nothing.
type property struct {
	// field is that of the spec; empty where there is none.
	field string
	as    convert
	// leftOut says why there is none.
	leftOut string
	// state marks what the original itself has written: nobody misses it.
	state bool
}

// reference says what becomes of a requirement.
type reference struct {
	// kind is what it leads to.
	kind string
	// field is that of the spec; empty where there is none.
	field   string
	leftOut string
}

// kind is a type of the recipes, and the kind of the same name.
type kind struct {
	properties map[string]property
	references map[string]reference
	// required are the requirements that an object can't do without.
	required []string
	// clusterScoped kinds have no namespace.
	clusterScoped bool
	// recorded kinds have records that the inventory makes.
	recorded bool
	// ofDomain kinds have the field trustDomain.
	ofDomain bool
	// place are the requirements whose objects have the same namespace, of which the first counts.
	place []string
	// nameless models are called as their template is.
	nameless bool
	// lacks returns what the spec needs besides; empty where there is nothing.
	lacks func(spec map[string]any) string
}

const (
	noUse    = "nothing here depends on it"
	perPod   = "the original's pods did not depend on it, and neither do these"
	platform = "it is of virtual machines"
)

// common are the properties of all models.
var common = map[string]property{
	"xos_managed": {field: "xosManaged", as: flag},

	"backend_code": {state: true}, "backend_handle": {state: true}, "backend_need_delete": {state: true}, "backend_need_reap": {state: true},
	"backend_register": {state: true}, "backend_status": {state: true}, "created": {state: true}, "deleted": {state: true}, "enacted": {state: true},
	"id": {state: true}, "lazy_blocked": {state: true}, "leaf_model_name": {state: true}, "no_policy": {state: true}, "no_sync": {state: true},
	"policed": {state: true}, "policy_code": {state: true}, "policy_status": {state: true}, "updated": {state: true}, "write_protect": {state: true},
}

var (
	owner       = reference{kind: "KubernetesService"} // the default
	trustDomain = reference{kind: "TrustDomain"}       // by the namespace, or the field of placed objects
	port        = number(1, math.MaxUint16)
	count       = number(0, math.MaxInt32)
)

// specific are properties of the original's services and their instances for a service's own use.
var specific = map[string]property{
	"service_specific_attribute": {leftOut: noUse}, "service_specific_id": {leftOut: noUse},
}

// kinds are the types that can be converted.
var kinds = map[string]kind{
	"KubernetesService": {clusterScoped: true, properties: with(specific, map[string]property{
		"description": {leftOut: noUse}, "enabled": {leftOut: noUse}, "kind": {leftOut: noUse},
	})},
	"Site": {clusterScoped: true, properties: map[string]property{
		"abbreviated_name": {field: "abbreviatedName", as: text}, "enabled": {field: "enabled", as: flag},
		"latitude": {field: "latitude", as: coordinate}, "longitude": {field: "longitude", as: coordinate},
		"login_base": {field: "loginBase", as: text}, "site_url": {field: "siteURL", as: text},
		"hosts_nodes": {leftOut: noUse}, "hosts_users": {leftOut: noUse}, "is_public": {leftOut: noUse},
	}, lacks: func(spec map[string]any) string {
		_, latitude := spec["latitude"]
		if _, longitude := spec["longitude"]; latitude != longitude {
			return "latitude and longitude make a place together: give both or neither"
		}
		return ""
	}},
	"Image": {clusterScoped: true, recorded: true, properties: map[string]property{
		"kind": {field: "kind", as: oneOf("container", "vm")}, "tag": {field: "tag", as: text},
		"container_format": {leftOut: platform}, "disk_format": {leftOut: platform}, "path": {leftOut: platform},
	}},
	"TrustDomain": {clusterScoped: true, recorded: true, references: map[string]reference{"owner": owner}},
	"Principal": {
		recorded: true, ofDomain: true, place: []string{"trust_domain"}, references: map[string]reference{"trust_domain": trustDomain},
	},
	"KubernetesConfigMap": {
		ofDomain: true, place: []string{"trust_domain"}, references: map[string]reference{"trust_domain": trustDomain},
		properties: map[string]property{"data": {field: "data", as: data}},
	},
	"KubernetesSecret": {
		ofDomain: true, place: []string{"trust_domain"}, references: map[string]reference{"trust_domain": trustDomain},
		properties: map[string]property{"data": {field: "data", as: encodedData}},
	},
	"KubernetesConfigVolumeMount": {
		nameless: true, place: []string{"service_instance"}, properties: mount, lacks: path,
		references: map[string]reference{
			"config":           {kind: "KubernetesConfigMap", field: "configMap"},
			"service_instance": {kind: "KubernetesServiceInstance", field: "serviceInstance"},
		},
		required: []string{"config", "service_instance"},
	},
	"KubernetesSecretVolumeMount": {
		nameless: true, place: []string{"service_instance"}, properties: mount, lacks: path,
		references: map[string]reference{
			"secret":           {kind: "KubernetesSecret", field: "secret"},
			"service_instance": {kind: "KubernetesServiceInstance", field: "serviceInstance"},
		},
		required: []string{"secret", "service_instance"},
	},
	"Service": {
		properties: with(specific, map[string]property{
			"description": {field: "description", as: text}, "enabled": {field: "enabled", as: flag},
			"kind": {field: "kind", as: oneOf("generic", "data", "control", "oss")}, "versionNumber": {field: "versionNumber", as: text},
			"icon_url": {leftOut: noUse}, "private_key_fn": {leftOut: noUse}, "public_key": {leftOut: noUse}, "published": {leftOut: noUse}, "view_url": {leftOut: noUse},
		}),
		references: map[string]reference{"site": {kind: "Site", field: "site"}},
	},
	"ServicePort": {
		place: []string{"service"},
		properties: map[string]property{
			"internal_port": {field: "internalPort", as: port},
			// The original's Services are of type NodePort, which is the default here.
			"external_port": {field: "externalPort", as: number(30000, 32767)},
			"protocol":      {field: "protocol", as: protocol},
		},
		references: map[string]reference{"service": {kind: "Service", field: "service"}},
		required:   []string{"service"},
		lacks: func(spec map[string]any) string {
			if spec["internalPort"] == nil {
				return `property "internal_port" is missing: the pods listen on it`
			}
			return ""
		},
	},
	"Slice": {
		recorded: true, ofDomain: true, place: []string{"trust_domain", "principal"},
		properties: map[string]property{
			"description": {field: "description", as: text}, "enabled": {field: "enabled", as: flag}, "max_instances": {field: "maxInstances", as: count},
			"controller_kind":          {leftOut: "the original recorded it; here a controller is made of it, which needs spec.template"},
			"controller_replica_count": {leftOut: "the original recorded it; here it is of use with spec.controllerKind"},
			"default_isolation":        {leftOut: perPod}, "exposed_ports": {leftOut: perPod}, "mount_data_sets": {leftOut: perPod},
			"network": {leftOut: perPod}, "slice_url": {leftOut: noUse},
		},
		references: map[string]reference{
			"trust_domain": trustDomain, "principal": {kind: "Principal", field: "principal"},
			"service": {kind: "Service", field: "service"}, "site": {kind: "Site", field: "site"},
			"creator": {leftOut: noUse}, "default_flavor": {leftOut: perPod}, "default_node": {leftOut: perPod},
			"default_image": {leftOut: "an instance names its image itself"},
		},
	},
	"KubernetesServiceInstance": {
		recorded: true, place: []string{"slice"}, properties: with(specific, map[string]property{
			"external_hostname": {state: true}, "external_ip": {state: true}, "last_event_sent": {state: true}, "need_event": {state: true}, "pod_ip": {state: true},
		}),
		references: map[string]reference{
			"owner": owner, "slice": {kind: "Slice", field: "slice"}, "image": {kind: "Image", field: "image"}, "host": {leftOut: perPod},
		},
		required: []string{"image"},
	},
	"KubernetesResourceInstance": {
		ofDomain: true,
		properties: with(specific, map[string]property{
			"resource_definition": {field: "resourceDefinition", as: manifests}, "kubectl_state": {state: true},
		}),
		references: map[string]reference{"owner": owner},
		lacks: func(spec map[string]any) string {
			if spec["resourceDefinition"] == nil {
				return `property "resource_definition" is missing: there is nothing to apply`
			}
			return ""
		},
	},
}

// records are types of the original that have no kind: no object of the cluster depends on them.
var records = []string{"ServiceDependency", "ServiceInstanceLink"}

// mount are the properties of volume mounts.
var mount = map[string]property{"mount_path": {field: "mountPath", as: text}, "sub_path": {field: "subPath", as: text}}

func path(spec map[string]any) string {
	if spec["mountPath"] == nil {
		return `property "mount_path" is missing`
	}
	return ""
}

// with returns the properties of both.
func with(a, b map[string]property) map[string]property {
	both := map[string]property{}
	for _, some := range []map[string]property{a, b} {
		for name, p := range some {
			both[name] = p
		}
	}
	return both
}
