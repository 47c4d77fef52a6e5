#!/usr/bin/env bash
# Builds the tools of the Kubernetes tests once, into a cache outside of git.
set -euo pipefail

readonly HELM=v3.18.6
readonly VALIDATE=1.37.0
readonly KUBERNETES=1.33.3
readonly COREDNS=v1.12.0
# Where the tests look too.
readonly CACHE=${DRUMLINE_K8S_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/drumline-k8s}

usage() {
  cat <<USAGE
usage: tests/e2e/k8s/tools.sh [--chart | --cluster] [--help]

  --chart    helm $HELM and kubernetes-validate $VALIDATE: for tests of the chart alone (default;
             about three minutes)
  --cluster  those, etcd, and kube-apiserver, kube-controller-manager, kube-scheduler, kubelet,
             kube-proxy and kubectl $KUBERNETES, and CoreDNS $COREDNS: for tests on a real control
             plane and on nodes (about ten minutes, 3 GiB of memory)

They are put into $CACHE (or DRUMLINE_K8S_TOOLS), built from source through the Go
module proxy (Go 1.24 or later) and pip. What is there already is not built again.

Exit codes: 0 all there; 2 the command line is wrong; 5 a tool could not be had.
USAGE
}

fail() {
  printf 'tools.sh: %s\n' "$@" >&2
  exit 5
}

need_go() {
  command -v go >/dev/null || fail 'no go: Go 1.24 or later builds the tools'
  local minor
  minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  ((${minor:-0} >= 24)) || fail "go is $(go env GOVERSION); Go 1.24 or later builds the tools"
}

build_helm() {
  [[ ! -x $CACHE/bin/helm ]] || return 0
  need_go
  echo "tools.sh: building helm $HELM …"
  GOBIN=$CACHE/bin go install -trimpath "helm.sh/helm/v3/cmd/helm@$HELM" >"$CACHE/log" 2>&1 ||
    fail 'helm does not build:' "$(tail -n 5 "$CACHE/log")"
}

install_validate() {
  [[ ! -x $CACHE/venv/bin/kubernetes-validate ]] || return 0
  echo "tools.sh: installing kubernetes-validate $VALIDATE …"
  { python3 -m venv "$CACHE/venv" &&
    "$CACHE/venv/bin/pip" install --quiet "kubernetes-validate==$VALIDATE"; } >"$CACHE/log" 2>&1 ||
    fail 'kubernetes-validate cannot be installed (python3-venv is needed):' \
      "$(tail -n 5 "$CACHE/log")"
}

# Kubernetes' own module points at its source tree for the modules that are released beside it; a
# module of our own points at their releases instead.
write_kubernetes_module() {
  local work=$1 name
  cat >"$work/go.mod" <<MOD
module drumline/k8s-tools

go 1.24.0

require k8s.io/kubernetes v$KUBERNETES
MOD
  for name in api apiextensions-apiserver apimachinery apiserver cli-runtime client-go \
    cloud-provider cluster-bootstrap code-generator component-base component-helpers \
    controller-manager cri-api cri-client csi-translation-lib dynamic-resource-allocation \
    endpointslice externaljwt kms kube-aggregator kube-controller-manager kube-proxy \
    kube-scheduler kubectl kubelet metrics mount-utils pod-security-admission \
    sample-apiserver sample-cli-plugin sample-controller; do
    echo "replace k8s.io/$name => k8s.io/$name v0${KUBERNETES#1}"
  done >>"$work/go.mod"
  cat >"$work/tools.go" <<'GO'
//go:build tools

package tools

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-proxy"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
	_ "k8s.io/kubernetes/cmd/kubectl"
	_ "k8s.io/kubernetes/cmd/kubelet"
)
GO
}

build_cluster() {
  local name work missing=()
  for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubectl kubelet; do
    [[ -x $CACHE/bin/$name ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  need_go
  work=$CACHE/kubernetes
  mkdir -p "$work"
  write_kubernetes_module "$work"
  echo "tools.sh: resolving Kubernetes $KUBERNETES …"
  (cd "$work" && go mod tidy) >"$CACHE/log" 2>&1 ||
    fail 'the modules of Kubernetes cannot be resolved:' "$(tail -n 5 "$CACHE/log")"
  for name in "${missing[@]}"; do
    echo "tools.sh: building $name …"
    (cd "$work" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w \
      -X k8s.io/component-base/version.gitVersion=v$KUBERNETES \
      -X k8s.io/component-base/version.gitMajor=1 \
      -X k8s.io/component-base/version.gitMinor=$(cut -d. -f2 <<<"$KUBERNETES")" \
      -o "$CACHE/bin/$name" "k8s.io/kubernetes/cmd/$name") >"$CACHE/log" 2>&1 ||
      fail "$name does not build:" "$(tail -n 5 "$CACHE/log")"
  done
}

# With the plugins that the nodes need: the whole of it brings three clouds' libraries along.
build_coredns() {
  [[ ! -x $CACHE/bin/coredns ]] || return 0
  need_go
  local work=$CACHE/coredns
  mkdir -p "$work"
  printf 'module drumline/coredns\n\ngo 1.24.0\n\nrequire github.com/coredns/coredns %s\n' \
    "$COREDNS" >"$work/go.mod"
  cat >"$work/main.go" <<'GO'
package main

import (
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"

	"github.com/coredns/coredns/coremain"
)

func main() { coremain.Run() }
GO
  echo "tools.sh: building coredns $COREDNS …"
  { (cd "$work" && go mod tidy) && (cd "$work" && CGO_ENABLED=0 go build -trimpath \
    -ldflags '-s -w' -o "$CACHE/bin/coredns" .); } >"$CACHE/log" 2>&1 ||
    fail 'coredns does not build:' "$(tail -n 5 "$CACHE/log")"
}

# Debian's etcd, without its service: only the program is taken from the package.
fetch_etcd() {
  [[ ! -x $CACHE/bin/etcd ]] || return 0
  local work=$CACHE/etcd
  mkdir -p "$work"
  echo 'tools.sh: fetching etcd …'
  (cd "$work" && apt-get download -qq etcd-server && dpkg-deb -x etcd-server_*.deb .) \
    >"$CACHE/log" 2>&1 || fail 'etcd cannot be had:' "$(tail -n 5 "$CACHE/log")"
  install -m 0755 "$work/usr/bin/etcd" "$CACHE/bin/etcd"
}

cluster=false
case ${1:---chart} in
  --chart) ;;
  --cluster) cluster=true ;;
  --help)
    usage
    exit 0
    ;;
  *)
    printf "tools.sh: unknown option '%s'\n" "$1" >&2
    usage >&2
    exit 2
    ;;
esac
mkdir -p "$CACHE/bin"
build_helm
install_validate
if [[ $cluster == true ]]; then
  fetch_etcd
  build_cluster
  build_coredns
fi
