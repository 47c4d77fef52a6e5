{{/* What all pods share: nobody is root, nothing is written but what is mounted, no token. */}}
{{- define "drumline.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "drumline.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Service account and image secrets. */}}
{{- define "drumline.podIdentity" -}}
serviceAccountName: {{ include "drumline.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Where a pod goes: (list $ .Values.agents). */}}
{{- define "drumline.placement" -}}
{{- with index . 1 }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A rule that keeps a pod away from the nodes of a component: (list $ "agent"). */}}
{{- define "drumline.apartFrom" -}}
- topologyKey: kubernetes.io/hostname
  labelSelector:
    matchLabels:
      {{- include "drumline.selector" (index . 0) | nindent 6 }}
      app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Where controller and agents find their certificates, as flags of either. */}}
{{- define "drumline.tlsFlags" -}}
- --tls-cert=/etc/drumline/tls/tls.crt
- --tls-key=/etc/drumline/tls/tls.key
- --tls-ca=/etc/drumline/tls/ca.crt
{{- end -}}

{{/* The controller's container, in a Job or in a StatefulSet: (dict "top" $ "args" […] "command" […] "env" […]). */}}
{{- define "drumline.controllerContainer" -}}
name: controller
image: {{ include "drumline.image" (list .top "controller") }}
imagePullPolicy: {{ .top.Values.image.pullPolicy }}
{{- with .command }}
command: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .args }}
args: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .env }}
env: {{- toYaml . | nindent 2 }}
{{- end }}
workingDir: /results
ports:
  - {name: agents, containerPort: {{ .top.Values.controller.port }}}
securityContext: {{- include "drumline.containerSecurity" .top | nindent 2 }}
resources: {{- toYaml .top.Values.controller.resources | nindent 2 }}
volumeMounts:
  - {name: results, mountPath: /results}
  - {name: scenarios, mountPath: /scenarios, readOnly: true}
  - {name: tls, mountPath: /etc/drumline/tls, readOnly: true}
  - {name: commands, mountPath: /opt/drumline, readOnly: true}
  - {name: tmp, mountPath: /tmp}
{{- end -}}

{{- define "drumline.controllerVolumes" -}}
- name: results
  persistentVolumeClaim: {claimName: {{ include "drumline.resultsClaim" . }}}
- name: scenarios
  configMap: {name: {{ include "drumline.scenariosConfigMap" . }}}
- name: commands
  configMap: {name: {{ include "drumline.fullname" . }}-commands, defaultMode: 0555}
- name: tls
  secret: {secretName: {{ include "drumline.controllerSecret" . }}, defaultMode: 0440}
- {name: tmp, emptyDir: {sizeLimit: 64Mi}}
{{- end -}}
