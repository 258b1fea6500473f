package reconciler

import (
	"context"
	"errors"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// deletedParent is an object whose deletion a watch has reported.
type deletedParent struct {
	uid types.UID
	// orphans reports that its last version asked for its children to be orphaned.
	orphans bool
}

// recordDeletion records that a watch reported the object's deletion.
func (c *controller[T]) recordDeletion(o T) {
	if len(c.kind.Owns) == 0 {
		return
	}
	name := cache.MetaObjectToName(o)
	keeps := o.GetLifecycle().DeletionPolicy == xosv1.DeletionPolicyOrphan || !xosv1.IsManaged(o)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deletedParents[name] = append(c.deletedParents[name], deletedParent{o.GetUID(), keeps})
}

// cleanUpDeleted does the work of the garbage collector, which takes over a minute for a thousand
// objects: it deletes what the collector is about to delete, and nothing else. Objects that were
// orphaned, or released by another leader, remain. If the last version of the owner asked for
// orphans, its children are released instead, where that comes before the collector.
func (c *controller[T]) cleanUpDeleted(ctx context.Context, name cache.ObjectName) error {
	c.mu.Lock()
	all := c.deletedParents[name]
	c.mu.Unlock()
	if len(all) == 0 {
		return nil
	}
	var errs []error
	for _, e := range all {
		for _, owned := range c.kind.Owns {
			for _, b := range owned.OwnedBy(e.uid) {
				if b.Terminating || b.Protected || !b.CollectedWith(e.uid) {
					continue
				}
				if e.orphans {
					errs = append(errs, b.Disown(ctx))
					continue
				}
				store.CountWrite(c.Name(), b.Kind.Kind, "delete")
				errs = append(errs, b.Delete(ctx, metav1.DeletePropagationBackground))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if rest := c.deletedParents[name][len(all):]; len(rest) > 0 {
		c.deletedParents[name] = rest
	} else {
		delete(c.deletedParents, name)
	}
	return nil
}
