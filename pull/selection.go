package pull

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

const defaultResync = 10 * time.Minute

// selection says which pods are inventoried: a spec.pull, ready to be asked.
type selection struct {
	enabled    bool
	namespaces labels.Selector
	pods       labels.Selector
	excluded   sets.Set[string]
	resync     time.Duration
}

// nothing is the selection until a KubernetesService has been seen.
func nothing() *selection {
	s := everything()
	s.enabled = false
	return s
}

// everything is the selection of a spec that says nothing, and that of a
// KubernetesService that was deleted.
func everything() *selection {
	return &selection{enabled: true, namespaces: labels.Everything(), pods: labels.Everything(), resync: defaultResync}
}

// selectionOf makes a selection out of a spec. What is left out selects all.
func selectionOf(spec xosv1.PullSpec) (*selection, error) {
	s := everything()
	var err error
	if s.namespaces, err = selectorOf(spec.NamespaceSelector); err != nil {
		return nil, fmt.Errorf("spec.pull.namespaceSelector: %w", err)
	}
	if s.pods, err = selectorOf(spec.PodSelector); err != nil {
		return nil, fmt.Errorf("spec.pull.podSelector: %w", err)
	}
	s.enabled = ptr.Deref(spec.Enabled, true)
	s.excluded = sets.New(spec.ExcludeNamespaces...)
	if spec.ResyncSeconds != nil {
		s.resync = time.Duration(*spec.ResyncSeconds) * time.Second
	}
	return s, nil
}

func selectorOf(selector *metav1.LabelSelector) (labels.Selector, error) {
	if selector == nil {
		return labels.Everything(), nil
	}
	return metav1.LabelSelectorAsSelector(selector)
}

// choice is the answer to whether something is inventoried.
type choice int

const (
	unselected choice = iota
	selected
	// unknown: the namespace's labels are needed and have not been seen yet.
	unknown
)

// pod says whether a pod is inventoried; its namespace is nil where unseen.
func (s *selection) pod(pod *corev1.Pod, namespace *corev1.Namespace) choice {
	if !s.pods.Matches(labels.Set(pod.Labels)) {
		return unselected
	}
	return s.namespace(pod.Namespace, namespace)
}

// namespace says whether the pods of a namespace are inventoried at all.
func (s *selection) namespace(name string, namespace *corev1.Namespace) choice {
	switch {
	case s.excluded.Has(name):
		return unselected
	case s.namespaces.Empty():
		return selected
	case namespace == nil:
		return unknown
	case s.namespaces.Matches(labels.Set(namespace.Labels)):
		return selected
	}
	return unselected
}
