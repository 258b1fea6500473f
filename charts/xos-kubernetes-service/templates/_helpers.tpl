{{/*
The manager's names are fixed: the API server's kinds are the cluster's, and so is the manager.
A second release is refused by Helm, since these objects belong to the first.
*/}}
{{- define "xos.name" -}}
xos-controller-manager
{{- end }}

{{/* What identifies the manager's pods. */}}
{{- define "xos.selector" -}}
app.kubernetes.io/name: {{ include "xos.name" . }}
{{- end }}

{{- define "xos.labels" -}}
{{ include "xos.selector" . }}
{{ include "xos.commonLabels" . }}
{{- end }}

{{/* Labels of what is no part of the manager's pods. */}}
{{- define "xos.commonLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: xos
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "xos.image" -}}
{{- $repository := required "image.repository is empty: no image is published yet, so build one and name it (docs/install.md)" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* What makes a pod acceptable in a namespace that enforces the restricted Pod Security Standard. */}}
{{- define "xos.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "xos.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* 90 % of the memory limit in MiB, for GOMEMLIMIT; empty without a limit. */}}
{{- define "xos.goMemoryLimit" -}}
{{- with ((.Values.resources).limits).memory -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- $unit := regexFind "[A-Za-z]*$" . -}}
{{- $kib := dict "Ki" 1 "Mi" 1024 "Gi" 1048576 -}}
{{- div (mul $number (get $kib $unit) 9) 10240 -}}MiB
{{- end -}}
{{- end }}

{{/* The kinds of the API group: the resources that the definitions declare, and of which scope. */}}
{{- define "xos.resources" -}}
{{- range $path, $_ := .Files.Glob "files/crds/*.yaml" }}
- {{ ($.Files.Get $path | fromYaml).spec.names.plural }}
{{- end }}
{{- end }}

{{/*
A Job's pod that runs the manager's program once, as an account of its own: image and security are
the manager's. It takes the context, the account's name and the program's arguments.
*/}}
{{- define "xos.jobPod" -}}
serviceAccountName: {{ .account }}
restartPolicy: {{ .restartPolicy | default "OnFailure" }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "xos.podSecurity" .root | nindent 2 }}
containers:
  - name: {{ first .args }}
    image: {{ include "xos.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args:
      {{- toYaml .args | nindent 6 }}
    resources:
      requests:
        cpu: 10m
        memory: 32Mi
      limits:
        memory: 256Mi
    securityContext:
      {{- include "xos.containerSecurity" .root | nindent 6 }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
