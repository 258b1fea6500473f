package v1

// VolumeMount is the part of the spec that both kinds of mounts share.
//
// +kubebuilder:validation:XValidation:rule="has(self.serviceInstance) != has(self.slice)",message="set either serviceInstance or slice, exactly one of them"
type VolumeMount struct {
	Managed `json:",inline"`

	// serviceInstance is the KubernetesServiceInstance to mount into. Either it
	// or slice must be set. Until it exists, Ready is False with reason
	// ReferenceNotFound. Create the mount first: the instance waits for what it
	// mounts. A running pod can't get a volume: it is recreated with the mount,
	// unless the instance's updatePolicy is Never.
	// +optional
	ServiceInstance ObjectName `json:"serviceInstance,omitempty"`

	// slice into all of whose pods to mount. Either it or serviceInstance must
	// be set. Until it exists, Ready is False with reason ReferenceNotFound.
	// For an existing slice, the mount changes the template: create it first
	// here too.
	// +optional
	Slice ObjectName `json:"slice,omitempty"`

	// mountPath is where the files appear in the container: an absolute path,
	// without ":" and "..". Two mounts of a pod must not overlap: they are
	// reported with reason Invalid and the names of both.
	// +required
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.startsWith('/') && self.matches('[^/]')",message="must be an absolute path below /, as /etc/app"
	// +kubebuilder:validation:XValidation:rule="!self.matches('(^|/)[.][.](/|$)')",message="must not contain '..'"
	// +kubebuilder:validation:XValidation:rule="!self.contains(':')",message="must not contain ':'"
	MountPath string `json:"mountPath"`

	// subPath is the path within the volume to mount instead of its root, in
	// most cases one key. It is relative, without "..". Files mounted so do not
	// follow later changes of the source.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/')",message="must be a path relative to the volume: leave out the first '/'"
	// +kubebuilder:validation:XValidation:rule="!self.matches('(^|/)[.][.](/|$)')",message="must not contain '..'"
	SubPath string `json:"subPath,omitempty"`

	// readOnly mounts without the right to write. Defaults to true: files of
	// these sources can't be written anyway.
	// +optional
	// +kubebuilder:default=true
	ReadOnly *bool `json:"readOnly,omitempty"`

	// defaultMode are the permission bits of the files, from 0 to 0777, which
	// JSON has to write in decimal, such as 511. Defaults to 0644.
	// +optional
	DefaultMode *FileMode `json:"defaultMode,omitempty"`

	// items are the keys to mount and the paths under which they appear. If
	// omitted, each key is a file of that name.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=256
	Items []MountItem `json:"items,omitempty"`
}

// MountItem maps a key to a path.
type MountItem struct {
	// key in the source.
	// +required
	Key DataKey `json:"key"`

	// path of the file, relative to the mount, without "..".
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/')",message="must be a path relative to the mount: leave out the first '/'"
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('..') && !self.matches('/[.][.](/|$)')",message="must not contain '..', nor begin with it"
	Path string `json:"path"`

	// mode are the permission bits of this file. Defaults to defaultMode.
	// +optional
	Mode *FileMode `json:"mode,omitempty"`
}
