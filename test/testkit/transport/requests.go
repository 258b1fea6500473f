package transport

import "slices"

// Requests are requests in the order in which they were sent.
type Requests []Request

// Where keeps those that a function says yes to.
func (rs Requests) Where(keep func(Request) bool) Requests {
	var kept Requests
	for _, r := range rs {
		if keep(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// In keeps those that are about these namespaces: in them, or to them.
func (rs Requests) In(namespaces ...string) Requests {
	return rs.Where(func(r Request) bool {
		return slices.Contains(namespaces, r.Namespace) ||
			(r.Namespace == "" && slices.Contains(namespaces, r.Name))
	})
}

// Named keeps those that are about objects of these names.
func (rs Requests) Named(names ...string) Requests {
	return rs.Where(func(r Request) bool { return slices.Contains(names, r.Name) })
}

// Of keeps those with this verb and resource.
func (rs Requests) Of(verb, resource string) Requests {
	return rs.Where(func(r Request) bool { return r.Verb == verb && r.Resource == resource })
}

// To keeps those to this resource.
func (rs Requests) To(resource string) Requests {
	return rs.Where(func(r Request) bool { return r.Resource == resource })
}

// Foreground leaves out watches and leases.
func (rs Requests) Foreground() Requests {
	return rs.Where(func(r Request) bool { return !r.Background() })
}

// Writes keeps those that write.
func (rs Requests) Writes() Requests { return rs.Where(Request.Mutates) }

// Lines are the requests as text, a line each.
func (rs Requests) Lines() []string {
	lines := make([]string, len(rs))
	for i, r := range rs {
		lines[i] = r.String()
	}
	return lines
}
