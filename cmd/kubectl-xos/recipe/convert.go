package recipe

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// Manifest is what becomes of a node template.
type Manifest struct {
	File, Template, Type string
	// Notes say what is different, and why. They have text of the recipe.
	Notes []Note
	// Object is nil where nothing is made of the template.
	Object map[string]any
}

// Note is a sentence about a template.
type Note struct {
	Text string
	// Lost marks what was left out or is to be done: a person should see it.
	Lost bool
}

// Convert converts recipes. Templates are returned in their order. A namespace that is given is
// that of all objects that have one; otherwise it is that of the trust domain that a recipe
// puts an object into. The error names each template that can't be expressed.
func Convert(files []File, namespace string) ([]Manifest, error) {
	c := &converter{namespace: namespace, objects: map[id]*object{}, named: map[id]*node{}}
	var errs []error
	for _, f := range files {
		if err := c.add(f); err != nil {
			errs = append(errs, inFile(f.Name, err)...)
		}
	}
	var made []Manifest
	for _, n := range c.nodes {
		if len(errs) >= maxProblems {
			break
		}
		m, err := c.convert(n)
		if err != nil {
			for _, one := range unjoin(err) {
				errs = append(errs, fmt.Errorf("%s: template %q: %w", escaped(n.file), n.name, one))
			}
			continue
		}
		made = append(made, m)
	}
	if len(errs) > maxProblems {
		errs = append(errs[:maxProblems], errors.New("there are more problems: correct these first"))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return made, nil
}

func inFile(name string, err error) []error {
	var errs []error
	for _, one := range unjoin(err) {
		errs = append(errs, fmt.Errorf("%s: %w", escaped(name), one))
	}
	return errs
}

func unjoin(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// id identifies an object across recipes: the original has one of a name.
type id struct{ kind, name string }

// node is a template with what it leads to.
type node struct {
	*template
	kind kind
	id   id
	// mustExist: the template refers to an object and makes none.
	mustExist bool
	// record: the object is a record.
	record bool
	leads  map[string]*node
}

// object is what all templates of an id are about.
type object struct {
	nodes []*node
	// made is the manifest of the first one that is not must-exist.
	made *Manifest
	// visiting guards against requirements that lead in a circle.
	visiting bool
}

type converter struct {
	namespace string
	nodes     []*node
	objects   map[id]*object
	// named has the first template of each name that an object has here.
	named map[id]*node
}

// add reads a recipe.
func (c *converter) add(f File) error {
	templates, err := read(f)
	if err != nil {
		return err
	}
	byName := map[string]*node{}
	var errs []error
	for _, t := range templates {
		n := &node{template: t, leads: map[string]*node{}}
		if !slices.Contains(records, t.kind) {
			if err := n.identify(); err != nil {
				errs = append(errs, fmt.Errorf("template %q: %w", t.name, err))
				continue
			}
		}
		byName[t.name] = n
		c.nodes = append(c.nodes, n)
		if n.kind.properties == nil && n.kind.references == nil {
			continue // one of records
		}
		if c.objects[n.id] == nil {
			c.objects[n.id] = &object{}
		}
		c.objects[n.id].nodes = append(c.objects[n.id].nodes, n)
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	for _, n := range byName {
		for _, r := range n.requirements {
			n.leads[r.name] = byName[r.node] // nil where there is none: convert says so
		}
	}
	return nil
}

// identify sets what a template is about.
func (n *node) identify() error {
	known, ok := kinds[n.template.kind]
	if !ok {
		return fmt.Errorf("type tosca.nodes.%s can't be expressed: there are %s", escaped(n.template.kind), strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
	}
	n.kind = known
	name, tag := "", ""
	for _, p := range n.properties {
		var err error
		var value any
		switch p.key {
		case "name":
			if value, err = text(p.value); err == nil {
				name, _ = value.(string)
			}
		case "tag":
			if value, err = text(p.value); err == nil && !empty(p.value) {
				tag, _ = value.(string)
			}
		case "must-exist":
			if value, err = flag(p.value); err == nil {
				n.mustExist = value == true
			}
		case "xos_managed":
			if value, err = flag(p.value); err == nil || empty(p.value) {
				n.record, err = value == false, nil
			}
		}
		if err != nil {
			return fmt.Errorf("property %q: %w", p.key, err)
		}
	}
	if name == "" && known.nameless {
		name = n.template.name
	}
	if name == "" {
		return errors.New(`property "name" is missing`)
	}
	n.id = id{n.template.kind, name}
	if n.id.kind == "Image" {
		n.id.name = name + ":" + tag // of one name there are several
	}
	return nil
}

// original returns the name that the original has.
func (n *node) original() string {
	if n.id.kind == "Image" {
		name, _ := nameAndTag(n.id.name)
		return name
	}
	return n.id.name
}

// nameAndTag returns the parts of the name of an id that is an Image's.
func nameAndTag(of string) (name, tag string) {
	at := strings.LastIndex(of, ":")
	return of[:at], of[at+1:]
}

// objectName returns the name that the object has here.
func (n *node) objectName() (string, error) {
	switch n.id.kind {
	case "KubernetesService":
		return "kubernetes", nil
	case "Image":
		// The inventory calls it so, too: a recipe may refer to what runs already.
		name, tag := nameAndTag(n.id.name)
		return record.ImageReference{Name: name, Tag: tag}.ObjectName(), nil
	}
	name := n.id.name
	if len(validation.IsDNS1123Label(name)) > 0 {
		name = names.Readable(name)
	}
	switch {
	case len(validation.IsDNS1123Label(name)) > 0:
		return "", fmt.Errorf("property \"name\": %q can't be made a name of Kubernetes, of at most 63 lower-case letters, digits and '-': give it another one", n.id.name)
	case n.id.kind == "Service" && len(validation.IsDNS1035Label(name)) > 0:
		return "", fmt.Errorf("property \"name\": %q does not begin with a letter, as the name of a Service does: give it another one", n.id.name)
	case n.id.kind == "Principal" && name == "default":
		return "", errors.New(`property "name": every namespace has a ServiceAccount named default already, which is never taken over: give it another one`)
	}
	return name, nil
}

// convert returns the manifest of a template.
func (c *converter) convert(n *node) (Manifest, error) {
	m := Manifest{File: n.file, Template: n.name, Type: n.template.kind}
	if slices.Contains(records, n.template.kind) {
		m.lose("left out: %s has no kind here, keep it in a model of your own service", n.template.kind)
		return m, nil
	}
	name, err := n.objectName()
	if err != nil {
		return m, err
	}
	if err := c.distinct(n, name); err != nil {
		return m, err
	}
	if n.id.kind == "KubernetesService" {
		m.note("left out: the manager makes KubernetesService kubernetes itself")
		return m, nil
	}
	if n.mustExist {
		m.note("left out: %s %s must exist", n.id.kind, name)
		return m, nil
	}
	if n.record && n.kind.recorded {
		m.lose("left out: xos_managed is false, and the inventory makes such records itself")
		return m, nil
	}
	spec, err := c.spec(&m, n)
	if err != nil {
		return m, err
	}
	metadata := map[string]any{"name": name}
	if !n.kind.clusterScoped {
		namespace, domain, err := c.place(n)
		if err != nil {
			return m, err
		}
		metadata["namespace"] = namespace
		if n.kind.ofDomain && domain != "" && domain != namespace {
			spec["trustDomain"] = domain
		}
	}
	c.explain(&m, n, name)
	m.Object = map[string]any{"apiVersion": xosv1.SchemeGroupVersion.String(), "kind": n.id.kind, "metadata": metadata}
	if len(spec) > 0 {
		m.Object["spec"] = spec
	}
	return m, c.once(&m, n)
}

// distinct is the error of two objects whose names are one here.
func (c *converter) distinct(n *node, name string) error {
	first, ok := c.named[id{n.id.kind, name}]
	if !ok {
		c.named[id{n.id.kind, name}] = n
		return nil
	}
	if first.id == n.id || n.id.kind == "KubernetesService" {
		return nil
	}
	return fmt.Errorf("property \"name\": %q and %q of template %q are one name in Kubernetes: give it another one", n.original(), first.original(), first.name)
}

func (m *Manifest) note(format string, args ...any) {
	m.Notes = append(m.Notes, Note{Text: fmt.Sprintf(format, args...)})
}

func (m *Manifest) lose(format string, args ...any) {
	m.Notes = append(m.Notes, Note{Text: fmt.Sprintf(format, args...), Lost: true})
}

// explain notes what a reader of the manifest has to know.
func (c *converter) explain(m *Manifest, n *node, name string) {
	switch {
	case n.id.kind == "Image":
	case n.kind.nameless && n.id.name == n.name && name != n.name:
		m.note("named after the template, %q", n.name)
	case name != n.id.name:
		m.note("the name was %q", n.id.name)
	}
	switch n.id.kind {
	case "Image":
		if strings.HasSuffix(n.id.name, ":") {
			m.lose("it has no tag: the original took master, here the container runtime decides")
		}
	case "KubernetesResourceInstance":
		m.lose("set spec.principal to a Principal whose roles allow what is in it: the original applied it with its own rights")
	case "TrustDomain":
		if c.namespace != "" && c.namespace != name {
			m.lose("set spec.allowedNamespaces so that it admits namespace %s, where the recipe's other objects are", c.namespace)
		}
	}
}

// once has an object of which several templates say the same made by the first alone.
func (c *converter) once(m *Manifest, n *node) error {
	o := c.objects[n.id]
	if o.made == nil {
		made := *m
		o.made = &made
		return nil
	}
	if !equality.Semantic.DeepEqual(o.made.Object, m.Object) {
		return fmt.Errorf("%s %q is another one in template %q of %s: make both say the same, or one of them must-exist",
			n.id.kind, n.original(), o.made.Template, escaped(o.made.File))
	}
	m.Object, m.Notes = nil, nil
	m.note("left out: template %q of %s makes the same", o.made.Template, o.made.File)
	return nil
}
