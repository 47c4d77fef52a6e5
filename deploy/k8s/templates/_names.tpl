{{/* Names and labels, in one place. */}}
{{- define "drumline.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "drumline.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "drumline.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "drumline.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "drumline.selector" -}}
app.kubernetes.io/name: {{ include "drumline.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "drumline.labels" -}}
{{ include "drumline.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: drumline
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "drumline.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "drumline.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "drumline.controllerName" -}}{{ include "drumline.fullname" . }}-controller{{- end -}}
{{- define "drumline.agentName" -}}{{ include "drumline.fullname" . }}-agent{{- end -}}
{{- define "drumline.resultsClaim" -}}
{{- default (printf "%s-results" (include "drumline.fullname" .)) .Values.controller.results.existingClaim -}}
{{- end -}}

{{/* The image of a part: (list $ "agent"). */}}
{{- define "drumline.image" -}}
{{- $top := index . 0 -}}
{{- with $top.Values.image -}}
{{- if .registry }}{{ .registry }}/{{ end }}{{ .prefix }}{{ index $ 1 }}:{{ default $top.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}

{{/* The pod's name of a target is also where load goes to: (list $ "echo"). */}}
{{- define "drumline.targetName" -}}
{{- printf "%s-target-%s" (include "drumline.fullname" (index . 0)) (index . 1 | lower | replace "_" "-" | replace "." "-") | trunc 55 | trimSuffix "-" -}}
{{- end -}}
{{- define "drumline.targetHost" -}}
{{- $name := include "drumline.targetName" . -}}
{{- printf "%s-0.%s.%s.svc" $name $name (index . 0).Release.Namespace -}}
{{- end -}}

{{/* Names of the secrets with tls.crt, tls.key and ca.crt. */}}
{{- define "drumline.controllerSecret" -}}
{{- if eq .Values.tls.mode "existingSecret" -}}
{{- required "tls.existingSecret.controller is needed with tls.mode existingSecret" .Values.tls.existingSecret.controller -}}
{{- else -}}
{{ include "drumline.controllerName" . }}-tls
{{- end -}}
{{- end -}}
{{- define "drumline.agentSecret" -}}
{{- if eq .Values.tls.mode "existingSecret" -}}
{{- required "tls.existingSecret.agent is needed with tls.mode existingSecret" .Values.tls.existingSecret.agent -}}
{{- else -}}
{{ include "drumline.agentName" . }}-tls
{{- end -}}
{{- end -}}

{{/* Names by which agents may know the controller, as a JSON list. */}}
{{- define "drumline.controllerHosts" -}}
{{- $name := include "drumline.controllerName" . -}}
{{- $ns := .Release.Namespace -}}
{{- list $name (printf "%s.%s" $name $ns) (printf "%s.%s.svc" $name $ns) (printf "%s.%s.svc.cluster.local" $name $ns) | toJson -}}
{{- end -}}

{{/* Agents are known by their pods' names, as a JSON list. */}}
{{- define "drumline.agentHosts" -}}
{{- $hosts := list -}}
{{- range $i := until (int .Values.agents.count) -}}
{{- $hosts = append $hosts (printf "%s-%d" (include "drumline.agentName" $) $i) -}}
{{- end -}}
{{- $hosts | toJson -}}
{{- end -}}
