package hierarchy

import "xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"

// Select returns the nodes that are chosen, each with what belongs to it, and the selectors
// that chose none. A name alone chooses the uppermost nodes that have it.
func Select(roots []*Node, selectors []snapshot.Selector) (chosen []*Node, unmatched []snapshot.Selector) {
	if len(selectors) == 0 {
		return roots, nil
	}
	matched := make([]bool, len(selectors))
	var walk func(nodes []*Node)
	walk = func(nodes []*Node) {
		for _, n := range nodes {
			found := false
			for i, s := range selectors {
				if n.Kind != podKind && s.Matches(n.Ref) {
					found, matched[i] = true, true
				}
			}
			if found {
				chosen = append(chosen, n)
				continue
			}
			walk(n.Children)
		}
	}
	walk(roots)
	for i, s := range selectors {
		if !matched[i] {
			unmatched = append(unmatched, s)
		}
	}
	return chosen, unmatched
}
