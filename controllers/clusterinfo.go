package controllers

import (
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

// ClusterInfo holds the facts about the cluster that are in no cache. The components that observe
// them write them here, and the status of the KubernetesService reports them.
type ClusterInfo struct {
	mu           sync.Mutex
	version      string
	lastFullList *metav1.Time
	operation    status.Operation
}

// LearnVersion asks the API server for its version, as "v1.36.3", and returns it.
func (i *ClusterInfo) LearnVersion(server discovery.ServerVersionInterface) (string, error) {
	version, err := server.ServerVersion()
	if err != nil {
		return "", fmt.Errorf("ask the API server for its version: %w", err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.version = version.GitVersion
	return version.GitVersion, nil
}

// ListedInFull records the time of a full list that found something to repair.
func (i *ClusterInfo) ListedInFull(at metav1.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.lastFullList = &at
}

// PublishTo sets the destination of events, as a person reads it.
func (i *ClusterInfo) PublishTo(destination string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.operation.Destination = destination
}

// Published records why an event was not published, or, with an empty failure, that one was. It
// returns whether that has changed: of a lasting failure only the first reason counts.
func (i *ClusterInfo) Published(failure string) (changed bool) {
	return i.failed(&i.operation.Unpublished, failure)
}

// Listed records why a full list failed, or, with an empty failure, that one succeeded. It returns
// whether that has changed.
func (i *ClusterInfo) Listed(failure string) (changed bool) {
	return i.failed(&i.operation.Unlisted, failure)
}

// failed records why something fails, or, with an empty failure, that it does not. It returns
// whether that has changed.
func (i *ClusterInfo) failed(reason *string, failure string) (changed bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if (*reason == "") == (failure == "") {
		return false
	}
	*reason = failure
	return true
}

// Advise records what should be changed where events are published, empty where nothing. It
// returns whether that has changed.
func (i *ClusterInfo) Advise(advice string) (changed bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	changed = i.operation.Advice != advice
	i.operation.Advice = advice
	return changed
}

// GaveUp records how many ends of pods were given up, as too many waited for Kafka. It returns
// whether that is worth a report now: the first is, and then each time that the number has doubled.
func (i *ClusterInfo) GaveUp(total int) (changed bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if total < 2*i.operation.GivenUp {
		return false
	}
	i.operation.GivenUp = total
	return true
}

// report computes the status of the cluster's KubernetesService.
func (i *ClusterInfo) report(into *xosv1.KubernetesService) outcome.Outcome {
	i.mu.Lock()
	defer i.mu.Unlock()
	into.Status.Version, into.Status.LastFullList = i.version, i.lastFullList
	return status.KubernetesService(into, i.operation)
}
