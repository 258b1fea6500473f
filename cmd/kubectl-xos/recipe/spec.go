package recipe

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
)

// escaped returns a text of a recipe for an error that does not quote it.
func escaped(text string) string { return show.Escape(text) }

// spec returns the spec that a template's properties and requirements make.
func (c *converter) spec(m *Manifest, n *node) (map[string]any, error) {
	spec := map[string]any{}
	var errs []error
	for _, p := range n.properties {
		if len(errs) == maxProblems {
			break
		}
		if err := set(spec, m, n, p); err != nil {
			errs = append(errs, fmt.Errorf("property %q: %w", p.key, err))
		}
	}
	given := map[string]bool{}
	for _, r := range n.requirements {
		if given[r.name] {
			errs = append(errs, fmt.Errorf("requirement %q is there twice", r.name))
		}
		given[r.name] = true
		if err := c.refer(spec, m, n, r); err != nil {
			errs = append(errs, fmt.Errorf("requirement %q: %w", r.name, err))
		}
	}
	for _, name := range n.kind.required {
		if !given[name] {
			errs = append(errs, fmt.Errorf("requirement %q is missing", name))
		}
	}
	if n.id.kind == "Image" {
		spec["name"] = n.original()
	}
	if n.kind.lacks != nil && len(errs) == 0 {
		if lacks := n.kind.lacks(spec); lacks != "" {
			errs = append(errs, errors.New(lacks))
		}
	}
	return spec, errors.Join(errs...)
}

// set sets the field of a property.
func set(spec map[string]any, m *Manifest, n *node, p entry) error {
	if p.key == "name" || p.key == "must-exist" {
		return nil // as identify has read
	}
	known, ok := n.kind.properties[p.key]
	if !ok {
		known, ok = common[p.key]
	}
	switch {
	case !ok:
		return fmt.Errorf("can't be expressed: a %s has %s", n.id.kind, strings.Join(fields(n.kind), ", "))
	case empty(p.value):
		return nil
	case known.state:
		m.note("property %q is left out: it is a state of the original", p.key)
		return nil
	case known.field == "":
		m.lose("property %q is left out: %s", p.key, known.leftOut)
		return nil
	}
	value, err := known.as(p.value)
	if err != nil {
		return err
	}
	spec[known.field] = value
	return nil
}

// fields returns the properties that become a field, for a message.
func fields(k kind) []string {
	all := []string{"name"}
	for _, name := range slices.Sorted(maps.Keys(k.properties)) {
		if k.properties[name].field != "" {
			all = append(all, name)
		}
	}
	return append(all, "xos_managed")
}

// refer sets the field of a requirement.
func (c *converter) refer(spec map[string]any, m *Manifest, n *node, r requirement) error {
	known, ok := n.kind.references[r.name]
	if !ok {
		return fmt.Errorf("can't be expressed: a %s has %s", n.id.kind, strings.Join(slices.Sorted(maps.Keys(n.kind.references)), ", "))
	}
	if known.leftOut != "" {
		m.lose("requirement %q is left out: %s", r.name, known.leftOut)
		return nil
	}
	to := n.leads[r.name]
	switch {
	case to == nil:
		return fmt.Errorf("the recipe has no template %q", r.node)
	case to.id.kind != known.kind:
		return fmt.Errorf("template %q is no tosca.nodes.%s", r.node, known.kind)
	case known.field == "":
		return nil
	}
	name, err := to.objectName()
	if err != nil {
		return fmt.Errorf("template %q: %w", r.node, err)
	}
	spec[known.field] = name
	if to.kind.clusterScoped {
		return nil
	}
	mine, _, mineErr := c.place(n)
	theirs, _, theirsErr := c.place(to)
	if mineErr == nil && theirsErr == nil && mine != theirs {
		return fmt.Errorf("template %q is in namespace %s and this one in %s: they have to be in one, put both into one trust domain or choose a namespace with -n",
			r.node, theirs, mine)
	}
	return nil
}

// errNoPlace is the error of an object that the recipes put nowhere.
var errNoPlace = errors.New("no trust domain follows from the recipe, and so no namespace: choose one with -n")

// place returns the namespace of an object, and its trust domain where that is known.
func (c *converter) place(n *node) (namespace, domain string, err error) {
	domain, err = c.domain(n.id)
	if c.namespace != "" {
		return c.namespace, domain, nil
	}
	return domain, domain, err
}

// domain returns the trust domain of an object: that of the first requirement which has one, in
// any template about it.
func (c *converter) domain(of id) (string, error) {
	o := c.objects[of]
	if o == nil || o.visiting { // a template of a type that becomes no object has none
		return "", errNoPlace
	}
	o.visiting = true
	defer func() { o.visiting = false }()
	if of.kind == "Service" {
		return c.domainOfService(of)
	}
	for _, n := range o.nodes {
		for _, name := range n.kind.place {
			to := n.leads[name]
			if to == nil {
				continue
			}
			if to.id.kind == "TrustDomain" {
				return to.objectName()
			}
			if domain, err := c.domain(to.id); err == nil {
				return domain, nil
			}
		}
	}
	return "", errNoPlace
}

// domainOfService returns the trust domain of the slices that name a service: the original's
// services are in none.
func (c *converter) domainOfService(service id) (string, error) {
	found := map[string]bool{}
	for _, n := range c.nodes {
		if to := n.leads["service"]; n.id.kind == "Slice" && to != nil && to.id == service {
			if domain, err := c.domain(n.id); err == nil {
				found[domain] = true
			}
		}
	}
	domains := slices.Sorted(maps.Keys(found))
	switch len(domains) {
	case 0:
		return "", errNoPlace
	case 1:
		return domains[0], nil
	}
	return "", fmt.Errorf("its slices are in several trust domains (%s), and a service leads to pods of one: choose a namespace with -n, or make it two services",
		strings.Join(domains, ", "))
}
