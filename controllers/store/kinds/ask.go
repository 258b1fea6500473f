package kinds

import (
	"fmt"
	"maps"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/util/flowcontrol"
)

// asksPerSecond and asksAtOnce are how many kinds the API server is asked for one by
// one for the resource instances of a namespace.
const asksPerSecond, asksAtOnce = 10, 64

// Ask asks the server whether it serves a kind, in whatever version, and where.
// Unlike Find it sees a kind that came since the last refresh, and distinguishes a kind
// that is gone from one whose server is away: discovery lists neither. An answer that is
// no older than notBefore counts, so that concurrent callers send one request. Each
// namespace has a budget of requests: above it Ask fails with ErrAskedEnough.
func (k *Kinds) Ask(kind schema.GroupVersionKind, namespace string, notBefore time.Time) (found Resource, served bool, _ error) {
	turn := k.turn(kind.GroupVersion())
	turn.Lock()
	defer turn.Unlock()
	k.mu.Lock()
	at, absent := k.absent[kind]
	k.mu.Unlock()
	if absent && !at.Before(notBefore) {
		return Resource{}, false, nil
	}
	if !k.budget(namespace).TryAccept() {
		return Resource{}, false, ErrAskedEnough
	}
	begun := k.now()
	if found, served, err := k.askVersions(kind); err != nil || served {
		return found, served, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.absent, func(_ schema.GroupVersionKind, at time.Time) bool { return begun.Sub(at) > LastPoll })
	k.absent[kind] = begun
	return Resource{}, false, nil
}

func (k *Kinds) budget(namespace string) flowcontrol.PassiveRateLimiter {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.budgets) > 4096 { // of namespaces that ask no more, for the most part
		clear(k.budgets)
	}
	if k.budgets[namespace] == nil {
		k.budgets[namespace] = flowcontrol.NewTokenBucketPassiveRateLimiter(asksPerSecond, asksAtOnce)
	}
	return k.budgets[namespace]
}

// turn returns the lock of the requests for one group version.
func (k *Kinds) turn(version schema.GroupVersion) *sync.Mutex {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.single) > 4096 { // of versions that are not asked for any more, for the most part
		clear(k.single)
	}
	if k.single[version] == nil {
		k.single[version] = &sync.Mutex{}
	}
	return k.single[version]
}

// askVersions asks the server for a kind in its version, and where that does not have
// it, in the others of the group.
func (k *Kinds) askVersions(kind schema.GroupVersionKind) (found Resource, served bool, _ error) {
	found, served, err := k.askVersion(kind)
	if err != nil || served {
		return found, served, err
	}
	groups, err := k.client.ServerGroups()
	if err != nil {
		return Resource{}, false, fmt.Errorf("ask for the versions of %s: %w", kind.Group, err)
	}
	for _, group := range groups.Groups {
		if group.Name != kind.Group {
			continue
		}
		for _, v := range group.Versions {
			if v.Version == kind.Version {
				continue
			}
			if found, served, err = k.askVersion(kind.GroupKind().WithVersion(v.Version)); err != nil || served {
				return found, served, err
			}
		}
	}
	return Resource{}, false, nil
}

func (k *Kinds) askVersion(kind schema.GroupVersionKind) (found Resource, served bool, _ error) {
	answer, err := k.client.ServerResourcesForGroupVersion(kind.GroupVersion().String())
	if apierrors.IsNotFound(err) {
		return Resource{}, false, nil
	}
	if err != nil {
		return Resource{}, false, fmt.Errorf("ask for the kinds of %s: %w", kind.GroupVersion(), err)
	}
	found, served = resourcesOf([]*metav1.APIResourceList{answer})[kind]
	return found, served, nil
}
