package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	greetingKind     = schema.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Greeting"}
	greetingResource = greetingKind.GroupVersion().WithResource("greetings")
)

// greeting is the service's own model; crd.yaml defines it.
type greeting struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              greetingSpec   `json:"spec"`
	Status            greetingStatus `json:"status"`
}

type greetingSpec struct {
	// Message is what the page says.
	Message string `json:"message"`
	// Secret names a Secret in the namespace, whose keys the pod gets as files. Optional.
	Secret string `json:"secret"`
}

type greetingStatus struct {
	// Ready is true while the pod serves the page.
	Ready bool `json:"ready"`
	// Message is why it does not, or what there is.
	Message string `json:"message"`
	// Address is the pod's; empty while it has none.
	Address string `json:"address"`
	// Announced identifies the last pod that Kafka has announced.
	Announced int64 `json:"announced,omitempty"`
}
