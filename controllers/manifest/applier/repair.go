package applier

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/managedfields"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
)

// mayRepair returns nil where an object that another client changed may be repaired now, and
// otherwise why not yet; then it is reconciled again in time.
func (p *pass) mayRepair(ctx context.Context, t target) error {
	err := p.fights.MayRepair(p.contested(t), t.document.Hash, func() string { return p.rivals(ctx, t) })
	if err != nil {
		p.enqueue(p.owner.Name, reconciler.RepairInterval)
	}
	return err
}

// mayCreate is mayRepair for an object that is not there. One that was there is lost.
func (p *pass) mayCreate(t target, entry xosv1.InventoryEntry) error {
	err := p.fights.MayCreate(p.contested(t), "create "+t.document.Hash, entry.UID != "")
	if err != nil {
		p.enqueue(p.owner.Name, reconciler.RepairInterval)
	}
	return err
}

func (p *pass) contested(t target) reconciler.Contested {
	return reconciler.Contested{Owner: p.owner.UID, Kind: t.id.GroupKind(), Name: cache.NewObjectName(t.id.Namespace, t.id.Name)}
}

// rivals names the fields that others have taken from us, and them, as far as the server
// can be asked: a watch shows no values.
func (p *pass) rivals(ctx context.Context, t target) string {
	live, err := p.objects.Read(ctx, t.ref())
	if err != nil {
		return ""
	}
	records := live.GetManagedFields()
	fields, _ := managedfields.Drift(managedfields.Of(records, p.manager), metav1.ManagedFieldsOperationApply, t.document.Object.Object, live.Object)
	return ownership.Rivals(fields, managedfields.Writers(records, p.manager, fields))
}
