package snapshot

import (
	"slices"
	"strings"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Kind is a kind of the data model, by the names that its definition gives to it.
type Kind struct {
	Name, Plural, Short string
	Namespaced          bool
}

// Resource returns the full name of the kind's resource, by which Unread names it.
func (k Kind) Resource() string { return k.Plural + "." + xosv1.GroupName }

// Word is how people name the kind: its own name where that is short, or its short name.
func (k Kind) Word() string {
	if len(k.Name) <= len("Service") {
		return strings.ToLower(k.Name)
	}
	return k.Short
}

// Words returns how people name kinds, in the order of Kinds.
func Words(kinds ...string) []string {
	var words []string
	for _, k := range Kinds {
		if slices.Contains(kinds, k.Name) {
			words = append(words, k.Word())
		}
	}
	return words
}

// KindNames returns the names of all kinds.
func KindNames() []string {
	names := make([]string, len(Kinds))
	for i, k := range Kinds {
		names[i] = k.Name
	}
	return names
}

// Kinds are all kinds, in an order in which each comes after those that it refers to.
var Kinds = []Kind{
	{"KubernetesService", "kubernetesservices", "xks", false},
	{"KubernetesNode", "kubernetesnodes", "xnode", false},
	{"Site", "sites", "site", false},
	{"Image", "images", "xim", false},
	{"TrustDomain", "trustdomains", "td", false},
	{"Principal", "principals", "prin", true},
	{"KubernetesConfigMap", "kubernetesconfigmaps", "xcm", true},
	{"KubernetesSecret", "kubernetessecrets", "xsecret", true},
	{"Service", "services", "xsvc", true},
	{"ServicePort", "serviceports", "xport", true},
	{"KubernetesConfigVolumeMount", "kubernetesconfigvolumemounts", "xcvm", true},
	{"KubernetesSecretVolumeMount", "kubernetessecretvolumemounts", "xsvm", true},
	{"Slice", "slices", "slice", true},
	{"KubernetesServiceInstance", "kubernetesserviceinstances", "ksi", true},
	{"KubernetesResourceInstance", "kubernetesresourceinstances", "kri", true},
}

// KindOf returns the kind that a word means: its name in any case, its plural, its short name,
// or one of them followed by the group.
func KindOf(word string) (Kind, bool) {
	word = strings.TrimSuffix(strings.ToLower(word), "."+xosv1.GroupName)
	at := slices.IndexFunc(Kinds, func(k Kind) bool { return word == strings.ToLower(k.Name) || word == k.Plural || word == k.Short })
	if at < 0 {
		return Kind{}, false
	}
	return Kinds[at], true
}

// Order returns the place of a kind in Kinds; others come last.
func Order(kind string) int {
	if at := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Name == kind }); at >= 0 {
		return at
	}
	return len(Kinds)
}
