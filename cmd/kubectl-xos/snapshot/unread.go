package snapshot

import "strings"

// Why objects were not read.
type Why string

const (
	// Forbidden: the user may not list them.
	Forbidden Why = "forbidden"
	// NotServed: the cluster has no such resource.
	NotServed Why = "not served"
)

// Unread is a resource that could not be read.
type Unread struct {
	// Resource is the full name, such as slices.xos.opencord.org, or pods.
	Resource string `json:"resource"`
	// Namespace is empty for all namespaces, and for cluster-scoped kinds.
	Namespace  string `json:"namespace,omitempty"`
	Namespaced bool   `json:"-"`
	Why        Why    `json:"why"`
}

// Sentences says what was left out, for a person: those alike in one sentence.
func Sentences(unread []Unread) []string {
	var sentences []string
	var kinds []Unread // each without its resource
	resources := map[Unread][]string{}
	for _, u := range unread {
		kind := u
		kind.Resource = ""
		if resources[kind] == nil {
			kinds = append(kinds, kind)
		}
		resources[kind] = append(resources[kind], u.Resource)
	}
	for _, kind := range kinds {
		sentences = append(sentences, strings.Join(resources[kind], ", ")+kind.reason())
	}
	return sentences
}

func (u Unread) reason() string {
	text := ""
	switch {
	case u.Namespace != "":
		text = " in namespace " + u.Namespace
	case u.Namespaced:
		text = " in all namespaces"
	}
	if u.Why == NotServed {
		return text + " are left out: the cluster does not serve them (see kubectl xos doctor)"
	}
	text += " are left out: you may not list them"
	if u.Namespace == "" && u.Namespaced {
		text += "; choose a namespace with -n"
	}
	return text
}
