{{/* The name of everything: of the release, with the chart's name unless the release has it already. */}}
{{- define "lockstep.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "lockstep.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "lockstep.labels" -}}
{{ include "lockstep.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "lockstep.secret" -}}
{{- .Values.secret.existing | default (include "lockstep.name" .) -}}
{{- end -}}

{{- define "lockstep.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "lockstep.name" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "lockstep.publicUrl" -}}
{{- required "publicUrl is required: the address in the browser, such as https://chat.example.org" .Values.publicUrl -}}
{{- end -}}

{{/* The secret's key of the session tokens: given, or kept from the last release, or new. */}}
{{- define "lockstep.appSecret" -}}
{{- $kept := (lookup "v1" "Secret" .Release.Namespace (include "lockstep.name" .)).data | default dict -}}
{{- if .Values.secret.values.APP_SECRET -}}
{{- .Values.secret.values.APP_SECRET | b64enc -}}
{{- else if hasKey $kept "APP_SECRET" -}}
{{- get $kept "APP_SECRET" -}}
{{- else -}}
{{- randAlphaNum 48 | b64enc -}}
{{- end -}}
{{- end -}}
