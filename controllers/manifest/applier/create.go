package applier

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/managedfields"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// create applies a document of which no object was found. An apply can't say
// "must not exist", so what another client creates between the read and the apply
// is met by it. Three things keep such an object as it is:
//
//   - the apply does not force: no field of another manager's is overwritten, and
//     what another of ours declares bears its mark, which is such a field (see
//     FieldManager)
//   - the answer to an apply that created names no other field manager. Where
//     it does, the apply is withdrawn, which takes exactly what it added. (An
//     object that holds nothing but its name names none, and is taken over.)
//   - what an earlier pass may have applied is looked for by a read, so that what
//     is ours already is not taken for such an object
//
// A crash between the apply and its withdrawal leaves our mark on the object, and
// so takes it over: two rare things at once.
//
// The typed kinds are created by POST instead, which the server refuses where the name is
// taken (docs/decisions/0002). Here that would lose drift: the record of a POST
// leaves out what a Go type does not encode, such as a field declared as false, and
// only the record tells us of the fields of any kind. It would also cost each
// object another write before its first change.
func (p *pass) create(ctx context.Context, t target, entry xosv1.InventoryEntry) (*unstructured.Unstructured, error) {
	created, err := p.objects.Apply(ctx, t.ref(), t.document.WithAnnotations(p.marks(t, false)))
	if all, _ := ownership.Conflicts(err); len(all) > 0 {
		return nil, p.nameTaken(ctx, t, entry)
	}
	if err != nil {
		return nil, p.refusal(t, err)
	}
	if len(managedfields.Others(created.GetManagedFields(), p.manager)) > 0 {
		if err := p.objects.Withdraw(ctx, t.ref(), created); err != nil {
			return nil, fmt.Errorf("withdraw from %s, which another client has just created: %w", t.id, apistatus.Redact(err, nil))
		}
		return nil, p.nameTaken(ctx, t, entry)
	}
	p.wrote(t.id, "create")
	return created, nil
}

// nameTaken is the error for a document whose name another client has just
// taken.
func (p *pass) nameTaken(ctx context.Context, t target, entry xosv1.InventoryEntry) error {
	live, found, err := p.read(ctx, t.object)
	if err == nil && found {
		_, err = p.mayChange(t, live, entry)
	}
	if err != nil {
		return err
	}
	return outcome.Retry(xosv1.ReasonConflict, "%s has just been created or deleted by another client; trying again", t.id)
}

// wasSaved says whether an earlier pass wrote an object down, and so may have
// applied it.
func (p *pass) wasSaved(id manifest.ID) bool {
	return slices.ContainsFunc(p.earlier, func(e xosv1.InventoryEntry) bool { return manifest.IDOf(e) == id })
}
