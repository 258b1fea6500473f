package api

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	xosv1ac "xos.opencord.org/kubernetes-service/generated/applyconfiguration/xos/v1"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// TestTypedClientsWriteWhatTheSchemaTakes is about what Go writes for zero
// values, such as "containers: null" of a pod spec.
func TestTypedClientsWriteWhatTheSchemaTakes(t *testing.T) {
	p := plane.Shared(t)
	instances := versioned.NewForConfigOrDie(p.Config()).XosV1().KubernetesServiceInstances(plane.Namespace(t, p))
	given := &xosv1.KubernetesServiceInstance{
		ObjectMeta: metav1.ObjectMeta{Name: "demo-pod"},
		Spec: xosv1.KubernetesServiceInstanceSpec{
			ImageReference: "nginx:1.29",
			Ports:          []corev1.ContainerPort{{ContainerPort: 80}},
			Template:       &xosv1.PodTemplate{Spec: corev1.PodSpec{NodeSelector: map[string]string{"zone": "a"}}},
		},
	}
	strict := metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict}
	if _, err := instances.Create(t.Context(), given, strict); err != nil {
		t.Fatal(err)
	}
	got, err := instances.Get(t.Context(), "demo-pod", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Status.ObservedGeneration != -1 {
		t.Errorf("observedGeneration is %d, want -1: kstatus takes the new object for done", got.Status.ObservedGeneration)
	}
	if got.Spec.Ports[0].Protocol != corev1.ProtocolTCP {
		t.Errorf("the port's protocol is %q, want TCP by default", got.Spec.Ports[0].Protocol)
	}
}

// TestAppliersShareAnObject shows that two appliers can own parts of the same
// lists, which takes the list types of the schema.
func TestAppliersShareAnObject(t *testing.T) {
	p := plane.Shared(t)
	namespace := plane.Namespace(t, p)
	instances := versioned.NewForConfigOrDie(p.Config()).XosV1().KubernetesServiceInstances(namespace)
	for manager, variable := range map[string]string{"one": "A", "two": "B"} {
		apply := xosv1ac.KubernetesServiceInstance("demo-pod", namespace).WithSpec(xosv1ac.KubernetesServiceInstanceSpec().
			WithXOSManaged(true).
			WithImageReference("nginx:1.29").
			WithEnv(corev1ac.EnvVar().WithName(variable).WithValue("x")))
		if _, err := instances.Apply(t.Context(), apply, metav1.ApplyOptions{FieldManager: manager}); err != nil {
			t.Fatalf("%s: %v", manager, err)
		}
	}
	got, err := instances.Get(t.Context(), "demo-pod", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Spec.Env) != 2 {
		t.Errorf("env is %v, want the variables of both", got.Spec.Env)
	}
}
