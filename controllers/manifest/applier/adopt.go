package applier

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// mayChange returns nil where an object that exists may be changed, and whether it was
// there before it was applied. What an earlier resource instance of the name left behind
// is changed too; what that one had adopted takes the same consent again.
func (p *pass) mayChange(t target, live *metav1.PartialObjectMetadata, entry xosv1.InventoryEntry) (adopted bool, _ error) {
	adopted = ownership.IsAdopted(live)
	switch ownership.RelateRecorded(live, t.id.GroupKind(), p.owner, entry.UID) {
	case ownership.OwnedByThis:
		return adopted, nil
	case ownership.LeftByPredecessor:
		if !adopted {
			return false, nil
		}
		if p.adopt {
			return true, p.adoptable(t.id.GroupKind(), live)
		}
	case ownership.Unowned:
		if !p.adopt {
			return false, p.nameConflict(t, live, true)
		}
		if err := ownership.CheckManagedBy(t.id.Kind, live); err != nil {
			return true, err
		}
		return true, p.adoptable(t.id.GroupKind(), live)
	}
	return false, p.nameConflict(t, live, false)
}

// nameConflict is the error of a name that is taken. The log reports to the operator what
// the instance's author may not know.
func (p *pass) nameConflict(t target, live *metav1.PartialObjectMetadata, unowned bool) error {
	withheld, err := ownership.NameConflict(t.id.String(), "it", p.owner.Name.Namespace, live, unowned)
	if withheld != "" {
		klog.Background().Info("A name is taken by an object in another namespace", "instance", p.owner.Name.String(), "object", t.id.String(), "holder", withheld)
	}
	return err
}

func (p *pass) marks(t target, adopted bool) map[string]string {
	mark := ownership.TrackingID{Owner: p.owner, Kind: t.id.GroupKind(), Name: cache.NewObjectName(t.id.Namespace, t.id.Name)}
	marks := ownership.Applied(t.document.Hash, adopted)
	marks[xosv1.OwnerAnnotation] = mark.String()
	return marks
}
