{{/* The manager's flags. */}}
{{- define "xos.args" -}}
- --leader-elect-namespace={{ .Release.Namespace }}
- --workers={{ .Values.workers | int64 }}
- --health-probe-bind-address=:{{ .Values.probePort | int64 }}
- --metrics-bind-address={{ if .Values.metrics.enabled }}:{{ .Values.metrics.port | int64 }}{{ else }}0{{ end }}
{{- if and .Values.metrics.enabled .Values.metrics.secure }}
- --metrics-secure
{{- if .Values.metrics.certificateSecret }}
- --metrics-tls-cert-file=/etc/metrics/tls.crt
- --metrics-tls-key-file=/etc/metrics/tls.key
{{- end }}
{{- end }}
{{- if .Values.profiling }}
- --profiling
{{- end }}
- --logging-format={{ .Values.logging.format }}
- --v={{ .Values.logging.verbosity | int64 }}
{{- with .Values.logging.vmodule }}
- --vmodule={{ . }}
{{- end }}
{{- if .Values.eventLog }}
- --event-log
{{- end }}
- --max-pending-events={{ .Values.maxPendingEvents | int64 }}
{{- if .Values.kafka.brokers }}
{{ include "xos.kafkaArgs" .Values.kafka }}
{{- end }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "xos.kafkaArgs" -}}
- --kafka-brokers={{ join "," .brokers }}
- --kafka-transactions={{ .transactions }}
- --kafka-topic={{ .topics.podDetails }}
- --kafka-inventory-topic={{ .topics.inventory }}
{{- with .topics.vitrage }}
- --vitrage-topic={{ . }}
{{- end }}
{{- if .topics.create }}
- --kafka-create-topics
- --kafka-partitions={{ .topics.partitions | int64 }}
- --kafka-replicas={{ .topics.replicas | int64 }}
{{- end }}
{{- if .tls.enabled }}
- --kafka-tls
{{- if .tls.caSecret }}
- --kafka-tls-ca-file=/etc/kafka/ca/{{ .tls.caKey }}
{{- end }}
{{- if .tls.clientSecret }}
- --kafka-tls-cert-file=/etc/kafka/client/{{ .tls.certKey }}
- --kafka-tls-key-file=/etc/kafka/client/{{ .tls.keyKey }}
{{- end }}
{{- with .tls.serverName }}
- --kafka-tls-server-name={{ . }}
{{- end }}
{{- end }}
{{- if .sasl.mechanism }}
- --kafka-sasl-mechanism={{ .sasl.mechanism }}
- --kafka-sasl-username-file=/etc/kafka/sasl/{{ .sasl.usernameKey }}
- --kafka-sasl-password-file=/etc/kafka/sasl/{{ .sasl.passwordKey }}
{{- end }}
{{- end }}

{{/*
The Secrets of the flags, as volume: Secret and directory. They are mounted whole, so that what is renewed in them
arrives.
*/}}
{{- define "xos.secrets" -}}
{{- with .Values.kafka }}
{{- if .brokers }}
{{- if and .tls.enabled .tls.caSecret }}
kafka-ca: {secret: {{ .tls.caSecret }}, directory: /etc/kafka/ca}
{{- end }}
{{- if and .tls.enabled .tls.clientSecret }}
kafka-client: {secret: {{ .tls.clientSecret }}, directory: /etc/kafka/client}
{{- end }}
{{- if .sasl.mechanism }}
{{- $secret := required "kafka.sasl.secret is empty: name the Secret with the user name and the password" .sasl.secret }}
kafka-sasl: {secret: {{ $secret }}, directory: /etc/kafka/sasl}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.metrics }}
{{- if and .enabled .secure .certificateSecret }}
metrics-tls: {secret: {{ .certificateSecret }}, directory: /etc/metrics}
{{- end }}
{{- end }}
{{- end }}
