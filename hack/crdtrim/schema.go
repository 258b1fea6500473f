package main

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// maxSentence is the length, in characters, to which what is left of a
	// native description is cut.
	maxSentence = 120
	// maxItems bounds native lists and maps that have no bound.
	maxItems = 256
	// maxContainers bounds the containers of a pod, over which our CEL rules go.
	maxContainers = 64
	// maxLength bounds native strings. It is what Linux takes as one argument
	// or environment variable, in characters, and more than anything else needs.
	maxLength = 128 << 10
)

// schema is an OpenAPI schema, as decoded from YAML.
type schema map[string]any

// schemas returns the root schemas of all versions of a CRD.
func schemas(crd map[string]any) []schema {
	spec, _ := crd["spec"].(map[string]any)
	versions, _ := spec["versions"].([]any)
	var roots []schema
	for _, v := range versions {
		version, _ := v.(map[string]any)
		if root := schema(version).child("schema").child("openAPIV3Schema"); root != nil {
			roots = append(roots, root)
		}
	}
	return roots
}

// child returns a nested object, nil where there is none.
func (s schema) child(key string) schema {
	m, _ := s[key].(map[string]any)
	return m
}

// at returns the schema of a field by its path, through lists where they are in
// the way. It returns nil where there is no such field.
func (s schema) at(path string) schema {
	for name := range strings.SplitSeq(path, ".") {
		if items := s.child("items"); items != nil {
			s = items
		}
		s = s.child("properties").child(name)
	}
	return s
}

// podSpec makes a native pod spec the rest of a pod: the containers may be left
// out. Ephemeral containers can't be in a template, so there is no such field.
func (s schema) podSpec() {
	required, _ := s["required"].([]any)
	required = slices.DeleteFunc(required, func(name any) bool { return name == "containers" })
	if len(required) == 0 {
		delete(s, "required")
	} else {
		s["required"] = required
	}
	delete(s.child("properties"), "ephemeralContainers")
	s.at("containers")["maxItems"] = maxContainers
	s.trim()
}

// trim bounds s and all below it, and shortens the descriptions below it. The
// description of s itself is ours.
func (s schema) trim() {
	s.bound()
	for _, below := range s.below() {
		below.shorten()
		below.trim()
	}
}

// below returns the schemas of fields, list items and map values.
func (s schema) below() []schema {
	var all []schema
	for name := range s.child("properties") {
		all = append(all, s.child("properties").child(name))
	}
	if items := s.child("items"); items != nil {
		all = append(all, items)
	}
	if values := s.child("additionalProperties"); values != nil {
		all = append(all, values)
	}
	return all
}

// bound adds the bound that the schema's type wants, where there is none.
func (s schema) bound() {
	var key string
	var limit int
	switch {
	case s["type"] == "array":
		key, limit = "maxItems", maxItems
	case s["type"] == "object" && s["additionalProperties"] != nil:
		key, limit = "maxProperties", maxItems
	case s["type"] == "string" && s["enum"] == nil && s["format"] != "date-time":
		key, limit = "maxLength", maxLength
	default:
		return
	}
	if _, bounded := s[key]; !bounded {
		s[key] = limit
	}
}

// flow puts each paragraph of the descriptions of s and all below it on one
// line: a client that shows them, such as "kubectl explain", breaks lines anew.
func (s schema) flow() {
	if text, ok := s["description"].(string); ok {
		paragraphs := strings.Split(text, "\n\n")
		for i, paragraph := range paragraphs {
			paragraphs[i] = strings.Join(strings.Fields(paragraph), " ")
		}
		s["description"] = strings.Join(paragraphs, "\n\n")
	}
	for _, below := range s.below() {
		below.flow()
	}
}

// shorten leaves the first sentence of the description.
func (s schema) shorten() {
	text, ok := s["description"].(string)
	if !ok {
		return
	}
	if text = firstSentence(text); text == "" {
		delete(s, "description")
	} else {
		s["description"] = text
	}
}

// firstSentence returns the first sentence of a text on one line, cut at a word
// where it is too long.
func firstSentence(text string) string {
	text, _, _ = strings.Cut(text, "\n\n")
	text = strings.Join(strings.Fields(text), " ")
	if end := strings.Index(text, ". "); end >= 0 {
		text = text[:end+1]
	}
	if utf8.RuneCountInString(text) <= maxSentence {
		return text
	}
	text = string([]rune(text)[:maxSentence-1])
	if space := strings.LastIndexByte(text, ' '); space > 0 {
		text = text[:space]
	}
	return strings.TrimRight(text, ",;: ") + "…"
}
