package desired_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
)

// asks is a ServicePort out of "name number[:node port][/UDP][!exposure]", made in the
// order of the arguments.
func asks(texts ...string) []*xosv1.ServicePort {
	var ports []*xosv1.ServicePort
	for i, text := range texts {
		p := &xosv1.ServicePort{}
		p.CreationTimestamp = metav1.NewTime(time.Unix(int64(i), 0))
		text, exposure, _ := strings.Cut(text, "!")
		text, p.Spec.Protocol = protocolOf(text)
		p.Spec.Exposure = xosv1.Exposure(exposure)
		numbers := strings.ReplaceAll(text, ":", " ")
		var node int32
		if n, _ := fmt.Sscan(numbers, &p.Name, &p.Spec.InternalPort, &node); n == 3 {
			p.Spec.ExternalPort = &node
		}
		ports = append(ports, p)
	}
	return ports
}

// has is a native Service with ports out of "name number node[/UDP]".
func has(texts ...string) map[xosv1.Exposure]*corev1.Service {
	live := &corev1.Service{}
	for _, text := range texts {
		p := corev1.ServicePort{}
		text, p.Protocol = protocolOf(text)
		_, _ = fmt.Sscan(text, &p.Name, &p.Port, &p.NodePort)
		p.TargetPort = intstr.FromInt32(p.Port)
		live.Spec.Ports = append(live.Spec.Ports, p)
	}
	return map[xosv1.Exposure]*corev1.Service{xosv1.ExposureNodePort: live}
}

func protocolOf(text string) (string, corev1.Protocol) {
	text, udp := strings.CutSuffix(text, "/UDP")
	if udp {
		return text, corev1.ProtocolUDP
	}
	return text, corev1.ProtocolTCP
}

// applied is what is applied, as has takes it.
func applied(in desired.ServiceInput) []string {
	var all []string
	for _, native := range desired.Services(in) {
		if live := in.Live[native.Exposure]; live != nil {
			desired.KeepNodePorts(native.Configuration, live)
		}
		for _, p := range native.Configuration.Spec.Ports {
			text := fmt.Sprintf("%s %d", *p.Name, *p.Port)
			if p.NodePort != nil {
				text += fmt.Sprintf(" %d", *p.NodePort)
			}
			if *p.Protocol != corev1.ProtocolTCP {
				text += "/" + string(*p.Protocol)
			}
			all = append(all, text)
		}
	}
	return all
}

func TestAPortKeepsWhatItHasAndWaitsForWhatAnotherHas(t *testing.T) {
	for sentence, test := range map[string]struct {
		asks    []*xosv1.ServicePort
		live    map[xosv1.Exposure]*corev1.Service
		applied []string
		waiting []string // "name for name"
	}{
		"new ones":                            {asks("a 80", "b 81:30081"), nil, []string{"a 80", "b 81 30081"}, nil},
		"nothing changes":                     {asks("a 80", "b 81"), has("a 80 31000", "b 81 31001"), []string{"a 80 31000", "b 81 31001"}, nil},
		"one moves":                           {asks("a 90", "b 81"), has("a 80 31000", "b 81 31001"), []string{"a 90 31000", "b 81 31001"}, nil},
		"two change places":                   {asks("a 81", "b 80"), has("a 80 31000", "b 81 31001"), []string{"a 81 31000", "b 80 31001"}, nil},
		"the first of two has moved":          {asks("a 81", "b 81"), has("a 80 31000", "b 81 31001"), []string{"a 80 31000", "b 81 31001"}, []string{"a for b"}},
		"the younger one has, the older asks": {asks("new 80", "old 80"), has("old 80 31000"), []string{"old 80 31000"}, []string{"new for old"}},
		"neither has: the older one gets it":  {asks("z 80", "a 80"), nil, []string{"z 80"}, []string{"a for z"}},
		"of one age: the first by name":       {slices.Concat(asks("z 80"), asks("a 80")), nil, []string{"a 80"}, []string{"z for a"}},
		"a row of three, of which two moved":  {asks("a 81", "b 82", "c 82"), has("a 80 1", "b 81 2", "c 82 3"), []string{"a 80 1", "b 81 2", "c 82 3"}, []string{"a for b", "b for c"}},
		"a ring of three":                     {asks("a 81", "b 82", "c 80"), has("a 80 1", "b 81 2", "c 82 3"), []string{"a 81 1", "b 82 2", "c 80 3"}, nil},
		"one number in two protocols":         {asks("t 53", "u 53/UDP"), has("t 53 1"), []string{"t 53 1", "u 53/UDP"}, nil},
		"one node port in two protocols":      {asks("t 53:30053", "u 53:30053/UDP"), nil, []string{"t 53 30053", "u 53 30053/UDP"}, nil},
		"a node port that was asked for":      {asks("a 80:30080", "b 81:30080"), nil, []string{"a 80 30080"}, []string{"b for a"}},
		"a node port that was given":          {asks("b 81:31000", "a 80"), has("a 80 31000"), []string{"a 80 31000"}, []string{"b for a"}},
		"that of one that waits is its own":   {asks("a 80", "b 80:31000"), has("a 80 31001", "b 81 31000"), []string{"a 80 31001", "b 81 31000"}, []string{"b for a"}},
		"another node port is asked for":      {asks("a 80:30080"), has("a 80 31000"), []string{"a 80 30080"}, nil},
		"none is asked for any more":          {asks("a 80"), has("a 80 30080"), []string{"a 80 30080"}, nil},
		"exposures do not meet":               {asks("a 80", "b 80!ClusterIP"), has("a 80 31000"), []string{"a 80 31000", "b 80"}, nil},
		"one that has nothing waits":          {asks("b 81", "c 81"), has("b 81 1"), []string{"b 81 1"}, []string{"c for b"}},
		"another protocol":                    {asks("a 80/UDP"), has("a 80 31000"), []string{"a 80 31000/UDP"}, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			in := desired.ServiceInput{Service: &xosv1.Service{}, Ports: test.asks, Live: test.live}
			var waiting []string
			contended := desired.Contended(in)
			for _, name := range slices.Sorted(maps.Keys(contended)) {
				waiting = append(waiting, name+" for "+contended[name].For.Name)
			}
			assert.Equal(t, test.waiting, waiting)
			assert.Equal(t, test.applied, applied(in))
		})
	}
}
