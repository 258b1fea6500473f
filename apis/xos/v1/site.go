package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Site is an organization or place that slices and services belong to. It is
// for administrative accountability only: it has no native object.
//
// +genclient
// +genclient:nonNamespaced
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=site,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Abbreviation",type=string,JSONPath=`.spec.abbreviatedName`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="URL",type=string,JSONPath=`.spec.siteURL`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.xosManaged`
type Site struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec describes the site.
	// +optional
	// +kubebuilder:default={}
	Spec SiteSpec `json:"spec,omitempty"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status SiteStatus `json:"status,omitempty"`
}

// SiteSpec describes a site.
//
// +kubebuilder:validation:XValidation:rule="has(self.latitude) == has(self.longitude)",message="latitude and longitude make a place together: give both or neither"
type SiteSpec struct {
	Managed `json:",inline"`

	// enabled says whether the site is in use. It is a record only: slices of a
	// disabled site continue to run. Defaults to true.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`

	// loginBase is the prefix of the names of the site's slices and accounts,
	// at most 50 characters: lower-case letters and digits, with "-" and "_"
	// between them. It is a record: no name is checked.
	// +optional
	// +kubebuilder:validation:MaxLength=50
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-_a-z0-9]*[a-z0-9])?$')",message="must be lower-case letters and digits, with '-' and '_' only between them"
	LoginBase string `json:"loginBase,omitempty"`

	// abbreviatedName is a short name to show, such as "Princeton".
	// +optional
	// +kubebuilder:validation:MaxLength=100
	AbbreviatedName string `json:"abbreviatedName,omitempty"`

	// siteURL is the site's home page, an absolute http or https URL.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHost() != ''",message="must be an absolute http or https URL, as https://www.example.org"
	SiteURL string `json:"siteURL,omitempty"`

	// latitude in decimal degrees, north positive, from -90 to 90, written as
	// a string: "40.3437".
	// +optional
	// +kubebuilder:validation:MaxLength=24
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-+]?[0-9]{1,2}([.][0-9]+)?$') && double(self) >= -90.0 && double(self) <= 90.0",message="must be decimal degrees from -90 to 90, as 40.3437"
	Latitude string `json:"latitude,omitempty"`

	// longitude in decimal degrees, east positive, from -180 to 180, written
	// as a string: "-74.6514".
	// +optional
	// +kubebuilder:validation:MaxLength=24
	// +kubebuilder:validation:XValidation:rule="self.matches('^[-+]?[0-9]{1,3}([.][0-9]+)?$') && double(self) >= -180.0 && double(self) <= 180.0",message="must be decimal degrees from -180 to 180, as -74.6514"
	Longitude string `json:"longitude,omitempty"`
}

// SiteStatus is the observed state of a site.
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
