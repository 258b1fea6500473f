package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Site is an organization or place that slices and services belong to. It is
// for administrative accountability only: nothing native corresponds to it.
//
// +genclient
// +genclient:nonNamespaced
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=site,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Site struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec describes the site.
	// +optional
	// +kubebuilder:default={}
	Spec SiteSpec `json:"spec,omitempty"`

	// status is what the controllers last saw.
	// +optional
	// +default={"observedGeneration": -1}
	Status SiteStatus `json:"status,omitempty"`
}

// SiteSpec describes a site.
type SiteSpec struct {
	Managed `json:",inline"`

	// enabled says whether the site takes part. It is a record only: slices of
	// a disabled site go on to run. Defaults to true.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`

	// loginBase is the prefix of the site's slice and login names.
	// +optional
	LoginBase string `json:"loginBase,omitempty"`

	// abbreviatedName is a short name to show, as "Princeton".
	// +optional
	AbbreviatedName string `json:"abbreviatedName,omitempty"`

	// siteURL is the site's home page, an absolute http or https URL.
	// +optional
	SiteURL string `json:"siteURL,omitempty"`

	// latitude in decimal degrees, north positive, from -90 to 90, written as
	// a string: "40.3437".
	// +optional
	Latitude string `json:"latitude,omitempty"`

	// longitude in decimal degrees, east positive, from -180 to 180, written
	// as a string: "-74.6514".
	// +optional
	Longitude string `json:"longitude,omitempty"`
}

// SiteStatus is what is known of a site.
type SiteStatus struct {
	ObjectStatus `json:",inline"`
}

// SiteList is a list of sites.
//
// +kubebuilder:object:root=true
type SiteList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the sites.
	Items []Site `json:"items"`
}

// GetLifecycle implements Object.
func (in *Site) GetLifecycle() Lifecycle { return Lifecycle{Managed: in.Spec.Managed} }

// GetObjectStatus implements Object.
func (in *Site) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
