{{- define "gvList" -}}
# API reference

Every field of `xos.opencord.org/v1`, as `kubectl explain` shows them too. [kinds.md](kinds.md) presents each kind with a manifest that works, and
what a change does.

<!-- Generated from the comments in apis/xos/v1, by make generate. -->
{{ range . }}{{ $gv := . }}{{ range .SortedKinds }}
- [{{ . }}](#{{ lower . }}){{ end }}
{{ range .SortedKinds }}{{ $kind := $gv.TypeForKind . }}
## {{ . }}

{{ $kind.Doc }}
{{ range $kind.Members }}{{ if has .Name (list "spec" "status") }}
### {{ $kind.Name }} `{{ .Name }}`
{{ template "fields" .Type }}{{ end }}{{ end }}{{ end }}
# Types of fields
{{ range .SortedTypes }}{{ if and .References (not .GVK) (not (index .References 0).GVK) (not (has .Name (list "Lifecycle" "Managed" "ObjectStatus" "VolumeMount"))) }}
## {{ .Name }}

{{ .Doc }}
{{ if .Members }}{{ template "fields" . }}{{ else if .EnumValues }}
| value | |
|---|---|
{{ range .EnumValues }}| `{{ .Name }}` | {{ template "text" .Doc }} |
{{ end }}{{ end }}{{ end }}{{ end }}{{ end }}{{ end -}}

{{- define "fields" }}
| field | type | | default | bounds |
|---|---|---|---|---|
{{ range .Members }}| `{{ .Name }}` | {{ markdownRenderType .Type | replace "integer array" "bytes" }} | {{ template "text" .Doc }} | {{ markdownRenderDefault .Default }} | {{ template "text" without .Validation "Optional: {}" | join ", " | replace "Required: {}" "required" }} |
{{ end }}{{ end -}}

{{- define "text" }}{{ markdownRenderFieldDoc . | replace "<br />" " " | replace "<" "&lt;" | trim }}{{ end -}}
