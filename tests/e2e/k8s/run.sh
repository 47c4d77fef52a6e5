#!/usr/bin/env bash
# The tests of the Helm chart, by themselves and on a control plane.
set -uo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly HERE
readonly CACHE=${DRUMLINE_K8S_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/drumline-k8s}
readonly EXIT_SKIPPED=77

usage() {
  cat <<'USAGE'
usage: tests/e2e/k8s/run.sh --chart | --cluster [--help]

  --chart    the chart alone: lint, schemas, wrong values, promises of its pods (seconds)
  --cluster  on a real control plane of this machine (etcd, kube-apiserver,
             kube-controller-manager): install, upgrade, rollback, uninstall, Pod Security
             restricted (about a minute; loopback only)

The tools come from tests/e2e/k8s/tools.sh; where they are missing the test is skipped.

Exit codes: 0 passed; 1 failed; 2 the command line is wrong; 77 skipped, and the last line says why.
USAGE
}

skip() {
  printf 'skipped: %s\n' "$1"
  exit "$EXIT_SKIPPED"
}

need() {
  local tool
  for tool in "$@"; do
    [[ -x $CACHE/$tool ]] || skip "$CACHE/$tool is not there; tests/e2e/k8s/tools.sh builds it"
  done
}

case ${1:-} in
  --chart)
    need bin/helm venv/bin/kubernetes-validate
    HELM=$CACHE/bin/helm exec "$CACHE/venv/bin/python" "$HERE/chart_test.py"
    ;;
  --cluster)
    need bin/helm venv/bin/kubernetes-validate bin/kube-apiserver bin/kube-controller-manager \
      bin/kubectl bin/etcd
    TOOLS=$CACHE/bin exec "$CACHE/venv/bin/python" "$HERE/cluster_test.py"
    ;;
  --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
