package compact

import (
	"unique"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/controllers/store"
)

var _ store.Compact = (*pod)(nil)

// pod is a pod as a cache holds it.
type pod struct {
	own
	shape *corev1.Pod
}

var podShapes shapes[corev1.Pod]

// Pod returns a pod in the form for caches. It changes the pod, which is the caller's no more. What
// can't be encoded is returned as it was.
func Pod(p *corev1.Pod) any {
	c := &pod{}
	c.takeMetadata(&p.ObjectMeta)
	c.node, p.Spec.NodeName = unique.Make(p.Spec.NodeName), ""
	c.labels, p.Labels = shareLabels(p.Labels), nil
	c.podIP = p.Status.PodIP
	if ips := p.Status.PodIPs; c.podIP != "" && len(ips) == 1 && ips[0].IP == c.podIP {
		c.onlyIP, p.Status.PodIPs = true, nil
	}
	p.Status.PodIP = ""
	encoded, err := p.Marshal()
	if err != nil {
		c.fill(p)
		return p
	}
	c.shape = podShapes.share(encoded, p)
	return c
}

// Object implements store.Compact.
func (c *pod) Object() store.Object {
	p := *c.shape
	c.fill(&p)
	return &p
}

func (c *pod) fill(p *corev1.Pod) {
	c.fillMetadata(&p.ObjectMeta)
	p.Spec.NodeName, p.Status.PodIP = c.node.Value(), c.podIP
	if c.onlyIP {
		p.Status.PodIPs = []corev1.PodIP{{IP: c.podIP}}
	}
}

func (c *pod) fillMetadata(m *metav1.ObjectMeta) {
	c.putMetadata(m)
	m.Labels = c.labels.shared()
}

// GetObjectMeta implements metav1.ObjectMetaAccessor.
func (c *pod) GetObjectMeta() metav1.Object {
	m := c.shape.ObjectMeta
	c.fillMetadata(&m)
	return &m
}
