package v1

// The aliases in this file are plain strings to Go. They carry the bounds that
// the schema puts on such strings, so that each is written once.

// ObjectName is the name of another object.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",message="must be the name of an object: lower-case letters, digits, '-' and '.', with a letter or digit at both ends"
type ObjectName = string

// NamespaceName is the name of a namespace.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be the name of a namespace: lower-case letters, digits and '-', with a letter or digit at both ends"
type NamespaceName = string

// VolumeName is the name of a pod's volume.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="must be the name of a volume: lower-case letters, digits and '-', with a letter or digit at both ends"
type VolumeName = string

// RoleName is the name of a ClusterRole.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule="!(self in ['.', '..']) && !self.matches('[/%[:space:]]')",message="must be the name of a ClusterRole, without '/', '%' and spaces"
type RoleName = string

// DataKey is a key of a ConfigMap or Secret.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:XValidation:rule="self.matches('^[-._a-zA-Z0-9]*$') && self != '.' && !self.startsWith('..')",message="must be a key: letters, digits, '-', '_' and '.', not beginning with '..'"
type DataKey = string

// FileMode are the permission bits of a file.
//
// +kubebuilder:validation:Minimum=0
// +kubebuilder:validation:Maximum=511
// +kubebuilder:validation:XValidation:rule="self >= 0 && self <= 511",message="must be permission bits from 0 to 0777: write them with the leading 0, as 0644"
type FileMode = int32

// Argument is a word of a command line. Linux accepts no longer one.
//
// +kubebuilder:validation:MaxLength=131072
type Argument = string
