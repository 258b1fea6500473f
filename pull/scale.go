package pull

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilcache "k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"

	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// +kubebuilder:rbac:groups="",resources=replicationcontrollers/scale,verbs=get

// scales reads the scale subresource, by which controllers of any kind tell how
// many pods they want and have, and how to select them.
type scales struct {
	client rest.Interface
	kinds  discovery.ServerResourcesInterface
	// answers are those of the last moments, by all that a record says of the
	// controller, since its text is its author's; nil stands for a scale that can't be
	// read.
	answers *utilcache.LRUExpireCache
}

// scaleKept is how long the scale of a controller is not asked for again.
const scaleKept = 10 * time.Second

func newScales(client rest.Interface, kinds discovery.ServerResourcesInterface, clock clock.PassiveClock) scales {
	return scales{client, kinds, utilcache.NewLRUExpireCacheWithClock(manyAnswers, clock)}
}

// read returns what a controller's scale shows, nil where it has none or we may
// not read it. again is when to look again: an answer that was kept may be out of
// date, and of a controller that is not where it wants to be nobody tells when it
// is. It is zero where nothing more is to come.
func (s scales) read(ctx context.Context, of engine.Mirrored, mapping *meta.RESTMapping) (shown *verdict.Workload, again time.Duration, err error) {
	if kept, ok := s.answers.Get(of); ok {
		if shown = kept.(*verdict.Workload); shown != nil {
			again = scaleKept
		}
		return shown, again, nil
	}
	has, err := s.has(mapping)
	if err != nil || !has {
		return nil, 0, err
	}
	scale, err := s.get(ctx, of, mapping)
	if err != nil {
		return nil, 0, err
	}
	if scale == nil || (scale.UID != "" && scale.UID != of.UID) {
		s.answers.Add(of, (*verdict.Workload)(nil), refusalKept)
		return nil, 0, nil
	}
	shown = &verdict.Workload{Desired: scale.Spec.Replicas, Current: scale.Status.Replicas, Selector: scale.Status.Selector}
	s.answers.Add(of, shown, scaleKept)
	if shown.Desired != shown.Current {
		again = refusalKept
	}
	return shown, again, nil
}

// has says whether objects of a kind have a scale, as discovery tells, whose
// answer is kept.
func (s scales) has(mapping *meta.RESTMapping) (bool, error) {
	version := mapping.GroupVersionKind.GroupVersion().String()
	list, err := s.kinds.ServerResourcesForGroupVersion(version)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("discover the resources of %s: %w", version, err)
	}
	return slices.ContainsFunc(list.APIResources, func(r metav1.APIResource) bool { return r.Name == mapping.Resource.Resource+"/scale" }), nil
}

func (s scales) get(ctx context.Context, of engine.Mirrored, mapping *meta.RESTMapping) (*autoscalingv1.Scale, error) {
	path := []string{"/apis", mapping.Resource.Group, mapping.Resource.Version}
	if mapping.Resource.Group == "" {
		path = []string{"/api", mapping.Resource.Version}
	}
	data, err := s.client.Get().AbsPath(path...).
		NamespaceIfScoped(of.Name.Namespace, mapping.Scope.Name() == meta.RESTScopeNameNamespace).
		Resource(mapping.Resource.Resource).Name(of.Name.Name).SubResource("scale").
		SetHeader("Accept", "application/json").
		Do(ctx).Raw()
	switch {
	case apierrors.IsNotFound(err), apierrors.IsForbidden(err), apierrors.IsMethodNotSupported(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("get the scale of %s: %w", of, err)
	}
	scale := &autoscalingv1.Scale{}
	if err := json.Unmarshal(data, scale); err != nil {
		return nil, fmt.Errorf("read the scale of %s: %w", of, err)
	}
	return scale, nil
}
