package owners

import (
	"context"
	"fmt"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilcache "k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/scale"
	"k8s.io/utils/clock"

	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

// +kubebuilder:rbac:groups="",resources=replicationcontrollers/scale,verbs=get

// scales reads the scale subresource, by which controllers of any kind report how
// many pods they want and have, and how to select them.
type scales struct {
	client rest.Interface
	// answers are those of the last moments, by all that a record says of the
	// controller, since its text is its author's; nil stands for a scale that can't be
	// read.
	answers *utilcache.LRUExpireCache
}

// scaleKept is how long the scale of a controller is not asked for again.
const scaleKept = 10 * time.Second

func newScales(client rest.Interface, clock clock.PassiveClock) scales {
	return scales{client, utilcache.NewLRUExpireCacheWithClock(manyAnswers, clock)}
}

// read returns what a controller's scale shows, nil where it has none or we may
// not read it. again is when to read again: an answer that was kept may be out of
// date, and nothing reports when a controller reaches the state that it wants. It is zero where nothing more is to come.
func (s scales) read(ctx context.Context, of ownership.Mirrored, resource kinds.Resource) (shown *observe.Workload, again time.Duration, err error) {
	if kept, ok := s.answers.Get(of); ok {
		if shown = kept.(*observe.Workload); shown != nil {
			again = scaleKept
		}
		return shown, again, nil
	}
	if !resource.Scales {
		return nil, 0, nil
	}
	found, err := s.get(ctx, of, resource)
	if err != nil {
		return nil, 0, err
	}
	if found == nil || (found.UID != "" && found.UID != of.UID) {
		s.answers.Add(of, (*observe.Workload)(nil), refusalKept)
		return nil, 0, nil
	}
	shown = &observe.Workload{Desired: found.Spec.Replicas, Current: found.Status.Replicas, Selector: found.Status.Selector}
	s.answers.Add(of, shown, scaleKept)
	if shown.Desired != shown.Current {
		again = refusalKept
	}
	return shown, again, nil
}

// get reads one scale, in whatever version of it the kind has. It returns nil for one
// that is not there or may not be read.
func (s scales) get(ctx context.Context, of ownership.Mirrored, resource kinds.Resource) (*autoscalingv1.Scale, error) {
	// A client is created each time since it takes the version to read: that of the owner
	// reference, not the group's preferred one. Only writes need a resolver of kinds.
	client := scale.New(s.client, version(resource.GroupVersionResource), dynamic.LegacyAPIPathResolverFunc, nil)
	found, err := client.Scales(of.Name.Namespace).Get(ctx, resource.GroupResource(), of.Name.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err), apierrors.IsForbidden(err), apierrors.IsMethodNotSupported(err),
		runtime.IsNotRegisteredError(err): // what it answers with is no scale
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("get the scale of %s: %w", of, err)
	}
	return found, nil
}

// version is the version of a resource whose scale is read.
type version schema.GroupVersionResource

// ResourceFor implements scale.PreferredResourceMapper.
func (v version) ResourceFor(schema.GroupVersionResource) (schema.GroupVersionResource, error) {
	return schema.GroupVersionResource(v), nil
}
