package applier

import (
	"context"
	"errors"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// mayChange says whether an object that exists is ours to change, and whether it
// was there before us. The inventory is asked too: somebody may have taken our
// mark off.
func (p *pass) mayChange(t target, live *metav1.PartialObjectMetadata, entry xosv1.InventoryEntry) (adopted bool, _ error) {
	adopted = ownership.IsAdopted(live)
	if owner, marked := ownership.OwnerOf(live, t.id.GroupKind()); marked {
		// What an earlier one of our name left behind is ours too. What that one had
		// adopted takes the same as then.
		if owner == p.owner || (owner.Kind == p.owner.Kind && owner.Name == p.owner.Name && !adopted) {
			return adopted, nil
		}
		if owner.Kind == p.owner.Kind && owner.Name == p.owner.Name && p.adopt {
			return true, p.adoptable(t.id.GroupKind(), live)
		}
	} else if metav1.GetControllerOf(live) == nil {
		switch {
		case entry.UID != "" && entry.UID == live.UID:
			return adopted, nil
		case p.adopt:
			if err := ownership.CheckManagedBy(t.id.Kind, live); err != nil {
				return true, err
			}
			return true, p.adoptable(t.id.GroupKind(), live)
		}
		return false, p.held(t, live, ", or set spec.adopt to IfUnowned to take it over")
	}
	return false, p.held(t, live, "")
}

// held is the error of a name that is taken. It tells the instance's author what that
// one may know; the log tells the operator all.
func (p *pass) held(t target, live *metav1.PartialObjectMetadata, wayOut string) error {
	told := ownership.HolderFor(p.owner.Name.Namespace, live)
	if all := ownership.Holder(live); all != told {
		klog.Background().Info("A name is taken by an object in another namespace", "instance", p.owner.Name.String(), "object", t.id.String(), "holder", all)
	}
	return outcome.Obstruct(xosv1.ReasonNotOwned, "%s exists and belongs to %s: give it another name%s", t.id, told, wayOut)
}

func (p *pass) marks(t target, adopted bool) map[string]string {
	mark := ownership.TrackingID{Owner: p.owner, Kind: t.id.GroupKind(), Name: cache.NewObjectName(t.id.Namespace, t.id.Name)}
	marks := ownership.Applied(t.document.Hash, adopted)
	marks[xosv1.OwnerAnnotation] = mark.String()
	return marks
}

// inherit takes the place of client-side appliers in the records of an object that is
// adopted.
func (p *pass) inherit(ctx context.Context, t target, wanted *unstructured.Unstructured) error {
	try := func(force bool) (metav1.Object, error) {
		tried, err := p.send(ctx, t.object, wanted, force, metav1.DryRunAll)
		if err != nil {
			return nil, err
		}
		return tried, nil
	}
	patch := func(data []byte) error {
		_, err := p.clientOf(t.object).Patch(ctx, t.id.Name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: p.manager})
		return err
	}
	err := store.Inherit(p.manager, t.id.Kind, t.id.Name, try, patch)
	var told *outcome.Outcome
	if err == nil || errors.As(err, &told) {
		return err
	}
	return p.refusal(t, err)
}
