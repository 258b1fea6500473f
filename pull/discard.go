package pull

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// deleteUnclaimed ends a record whose native object is gone, unless others have written to
// it: then it is theirs.
func deleteUnclaimed[T store.CustomObject](ctx context.Context, w store.CustomWriter[T], object T) error {
	if ownership.WrittenByOthers(object) {
		return yield(ctx, w, object)
	}
	return w.Delete(ctx, object)
}

// ignoreNotFound drops the error that says that an object is not there any more.
func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
