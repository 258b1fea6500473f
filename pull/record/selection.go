package record

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

// Selection decides which pods are inventoried. It is a compiled spec.pull.
type Selection struct {
	Enabled           bool
	namespaceSelector labels.Selector
	podSelector       labels.Selector
	excluded          sets.Set[string]
	ResyncPeriod      time.Duration
}

// SelectNothing is the selection until a KubernetesService has been seen.
func SelectNothing() *Selection {
	s := selectEverything()
	s.Enabled = false
	return s
}

// selectEverything is the selection of an empty spec, and that of a
// KubernetesService that was deleted.
func selectEverything() *Selection {
	return &Selection{Enabled: true, namespaceSelector: labels.Everything(), podSelector: labels.Everything(), ResyncPeriod: defaultResync}
}

// NewSelection makes a selection out of a spec. What is left out selects all.
func NewSelection(spec xosv1.PullSpec) (*Selection, error) {
	s := selectEverything()
	var err error
	if s.namespaceSelector, err = selectorOf(spec.NamespaceSelector); err != nil {
		return nil, fmt.Errorf("spec.pull.namespaceSelector: %w", err)
	}
	if s.podSelector, err = selectorOf(spec.PodSelector); err != nil {
		return nil, fmt.Errorf("spec.pull.podSelector: %w", err)
	}
	s.Enabled = ptr.Deref(spec.Enabled, true)
	s.excluded = sets.New(spec.ExcludeNamespaces...)
	if spec.ResyncSeconds != nil {
		s.ResyncPeriod = time.Duration(*spec.ResyncSeconds) * time.Second
	}
	return s, nil
}

func selectorOf(selector *metav1.LabelSelector) (labels.Selector, error) {
	if selector == nil {
		return labels.Everything(), nil
	}
	return metav1.LabelSelectorAsSelector(selector)
}

// Choice is the answer to whether something is inventoried.
type Choice int

// The answers that a Selection gives.
const (
	Unselected Choice = iota
	Selected
	// Unknown: the namespace's labels are needed and have not been seen yet.
	Unknown
)

// Pod returns whether a pod is inventoried; its namespace is nil where unseen.
func (s *Selection) Pod(pod *corev1.Pod, namespace *corev1.Namespace) Choice {
	if !s.podSelector.Matches(labels.Set(pod.Labels)) {
		return Unselected
	}
	return s.Namespace(pod.Namespace, namespace)
}

// Namespace returns whether the pods of a namespace are inventoried at all.
func (s *Selection) Namespace(name string, namespace *corev1.Namespace) Choice {
	switch {
	case s.excluded.Has(name):
		return Unselected
	case s.namespaceSelector.Empty():
		return Selected
	case namespace == nil:
		return Unknown
	case s.namespaceSelector.Matches(labels.Set(namespace.Labels)):
		return Selected
	}
	return Unselected
}
