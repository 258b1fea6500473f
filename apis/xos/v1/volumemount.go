package v1

// VolumeMount is the part of the spec that both kinds of mounts share.
type VolumeMount struct {
	Managed `json:",inline"`

	// serviceInstance is the KubernetesServiceInstance to mount into. Either it
	// or slice must be set.
	// +optional
	ServiceInstance ObjectName `json:"serviceInstance,omitempty"`

	// slice into all of whose pods to mount. Either it or serviceInstance must
	// be set.
	// +optional
	Slice ObjectName `json:"slice,omitempty"`

	// mountPath is where the files appear in the container: an absolute path,
	// without ":" and "..". Two mounts of a pod must not overlap.
	// +required
	MountPath string `json:"mountPath"`

	// subPath is the path within the volume to mount instead of its root, in
	// most cases one key. It is relative, without "..". Files mounted so do not
	// follow later changes of the source.
	// +optional
	SubPath string `json:"subPath,omitempty"`

	// readOnly mounts without the right to write. Defaults to true: files of
	// these sources can't be written anyway.
	// +optional
	// +kubebuilder:default=true
	ReadOnly *bool `json:"readOnly,omitempty"`

	// defaultMode are the permission bits of the files, in decimal from YAML
	// 0 to 511 or in octal from 0000 to 0777. Defaults to 0644 (420).
	// +optional
	DefaultMode *int32 `json:"defaultMode,omitempty"`

	// items are the keys to mount and the paths under which they appear. Left
	// out, each key is a file of that name.
	// +optional
	// +listType=map
	// +listMapKey=key
	Items []MountItem `json:"items,omitempty"`
}

// MountItem maps a key to a path.
type MountItem struct {
	// key in the source.
	// +required
	Key string `json:"key"`

	// path of the file, relative to the mount, without "..".
	// +required
	Path string `json:"path"`

	// mode are the permission bits of this file. Defaults to defaultMode.
	// +optional
	Mode *int32 `json:"mode,omitempty"`
}
