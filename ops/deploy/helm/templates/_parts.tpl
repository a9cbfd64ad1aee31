{{- define "fallback.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "fallback.labels" -}}
app: {{ .root.Release.Name }}
part: {{ .part }}
{{- end }}

{{- /* What each of our containers has: the image, the settings, and no rights. */ -}}
{{- define "fallback.container" -}}
image: {{ include "fallback.image" . }}
{{- with .Values.image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
envFrom:
  - secretRef: {name: {{ .Values.settings.secret }}}
{{- if or .Values.settings.open .Values.secretFiles.secret }}
env:
  {{- range $name, $value := .Values.settings.open }}
  - {name: {{ $name }}, value: {{ $value | quote }}}
  {{- end }}
  {{- if .Values.secretFiles.secret }}
  {{- range .Values.secretFiles.files }}
  - {name: {{ . }}_FILE, value: /run/secrets/fallback/{{ . }}}
  {{- end }}
  {{- end }}
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  {{- if .Values.secretFiles.secret }}
  - {name: secrets, mountPath: /run/secrets/fallback, readOnly: true}
  {{- end }}
{{- end }}
