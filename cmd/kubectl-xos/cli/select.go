package cli

import (
	"errors"
	"fmt"
	"strings"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// ParseSelectors reads arguments that choose objects of some kinds.
func ParseSelectors(args []string, kinds ...string) ([]snapshot.Selector, error) {
	var selectors []snapshot.Selector
	var errs []error
	for _, arg := range args {
		s, err := snapshot.ParseSelector(arg, kinds...)
		selectors, errs = append(selectors, s), append(errs, err)
	}
	return selectors, errors.Join(errs...)
}

// NotFound is the error of selectors that choose nothing; nil without any.
func NotFound(unmatched []snapshot.Selector, namespace string) error {
	if len(unmatched) == 0 {
		return nil
	}
	var names []string
	for _, s := range unmatched {
		names = append(names, s.String())
	}
	return fmt.Errorf("not found %s: %s", cluster.Where(namespace), strings.Join(names, ", "))
}
