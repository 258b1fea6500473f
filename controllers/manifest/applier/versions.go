package applier

import (
	"errors"
	"fmt"
	"strings"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

// A kind is its group and name: an object that was applied in one version is there in
// each. Its version, its plural and its scope are looked up again when the server says
// that they are not served, and it is gone once no version of the group has its kind.

// notServed is the error for a document whose kind was not found.
func (p *pass) notServed(document manifest.Document, err error) error {
	version, kind := document.Kind.ToAPIVersionAndKind()
	if !errors.Is(err, kinds.ErrUnknown) {
		return fmt.Errorf("%s: the cluster could not say whether it has the kind %s in %s: %w", document.ID(), kind, version, err)
	}
	if others := p.kinds.Alternatives(document.Kind); len(others) > 0 {
		const most = 3
		return outcome.Obstruct(xosv1.ReasonInvalid, "%s: the cluster has no kind %s in %s, but in %s: write that as its apiVersion",
			document.ID(), kind, version, strings.Join(others[:min(len(others), most)], ", "))
	}
	return fmt.Errorf("%s: the cluster has no kind %s in %s: trying again until a definition or a server brings it", document.ID(), kind, version)
}
