{{/* A scenario with what this chart knows filled in: (list $ NAME SCENARIO). */}}
{{- define "drumline.scenario" -}}
{{- $top := index . 0 -}}
{{- $scenario := deepCopy (index . 2) -}}
{{- if not (hasKey $scenario "name") -}}
{{- $_ := set $scenario "name" (index . 1) -}}
{{- end -}}
{{- if not (hasKey $scenario "cluster") -}}
{{- $listen := printf "0.0.0.0:%d" (int $top.Values.controller.port) -}}
{{- $_ := set $scenario "cluster" (dict "listen" $listen "wait" "5m") -}}
{{- end -}}
{{- $agents := default dict $scenario.agents -}}
{{- if not (hasKey $agents "count") -}}
{{- $_ := set $agents "count" (int $top.Values.agents.count) -}}
{{- end -}}
{{- $_ := set $scenario "agents" $agents -}}
{{- if not (or (hasKey $scenario "target") (hasKey $scenario "targets")) -}}
{{- $targets := dict -}}
{{- range $name, $target := $top.Values.targets -}}
{{- $at := printf "http://%s:%d" (include "drumline.targetHost" (list $top $name)) (int $target.port) -}}
{{- $path := get (dict "echo" "/echo" "echo-dom" "/echo" "api" "/api" "items" "/items" "users" "/users" "oracle" "/") $target.service -}}
{{- $_ := set $targets $name (dict "url" (print $at $path) "metrics" (print $at "/metrics")) -}}
{{- end -}}
{{- $_ := set $scenario "targets" (required (printf "scenario %s names no targets, and this release has none" (index . 1)) $targets) -}}
{{- end -}}
{{- toYaml $scenario -}}
{{- end -}}

{{- define "drumline.scenariosConfigMap" -}}
{{- if and .Values.run.enabled .Values.run.existingConfigMap -}}
{{- .Values.run.existingConfigMap -}}
{{- else -}}
{{- include "drumline.fullname" . }}-scenarios
{{- end -}}
{{- end -}}
