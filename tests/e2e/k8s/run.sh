#!/usr/bin/env bash
# The tests of the Helm chart, by themselves and on a control plane.
set -uo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly HERE
readonly CACHE=${DRUMLINE_K8S_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/drumline-k8s}
readonly EXIT_SKIPPED=77

usage() {
  cat <<'USAGE'
usage: tests/e2e/k8s/run.sh --chart | --cluster | --nodes [--help]

  --chart    the chart alone: lint, schemas, wrong values, promises of its pods (seconds)
  --cluster  on a real control plane of this machine (etcd, kube-apiserver,
             kube-controller-manager): install, upgrade, rollback, uninstall, Pod Security
             restricted (about a minute; loopback only)
  --nodes    the same with a scheduler and three real nodes (kubelet, containerd, kube-proxy) and
             CoreDNS, in namespaces of the test's own: the real images run, load goes from pod to
             pod, and Jobs end as their reports say (about two minutes; root; Debian's containerd,
             runc, containernetworking-plugins, iptables, mmdebstrap and buildah)

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

need_command() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || skip "$tool is not there; the usage says what --nodes needs"
  done
}

remove_groups() {
  find /sys/fs/cgroup -depth -type d -path "*/$CGROUP*" -exec rmdir {} +
}

# What lasts longer than the namespaces: files, and the control groups below one of this test's own.
clean_up() {
  local tries=0
  # With it goes all that runs in its namespaces, which takes a moment.
  [[ -z $SPACES ]] || kill -KILL "$SPACES"
  until remove_groups 2>/dev/null || ((++tries > 100)); do sleep 0.1; done
  rm -rf "$WORK"
}

run_on_nodes() {
  ((EUID == 0)) || skip 'root is needed for nodes in namespaces'
  [[ -x /usr/lib/cni/bridge ]] ||
    skip '/usr/lib/cni/bridge is not there (containernetworking-plugins)'
  local spaces=(unshare --net --mount --pid --fork --kill-child --mount-proc)
  "${spaces[@]}" true 2>/dev/null || skip 'this machine allows no namespaces'
  WORK=$(mktemp -d)
  SPACES=
  CGROUP=drumline-k8s-$$
  trap clean_up EXIT
  trap 'exit 143' TERM INT
  "$HERE/../../../deploy/images/build.sh" --out "$WORK/images" controller agent echo \
    >"$WORK/build.log" 2>&1 || {
    tail -n 20 "$WORK/build.log"
    exit 1
  }
  # The first program of the namespaces takes in those whose parents have gone.
  TOOLS=$CACHE/bin IMAGES=$WORK/images TMPDIR=$WORK CGROUP=$CGROUP \
    "${spaces[@]}" bash -c '"$@"; exit $?' nodes "$CACHE/venv/bin/python" "$HERE/nodes_test.py" &
  SPACES=$!
  local status=0
  wait "$SPACES" || status=$?
  SPACES=
  return "$status"
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
  --nodes)
    need bin/helm venv/bin/kubernetes-validate bin/kube-apiserver bin/kube-controller-manager \
      bin/kube-scheduler bin/kubelet bin/kube-proxy bin/kubectl bin/etcd bin/coredns
    need_command containerd ctr runc unshare nsenter ip iptables cc bazel mmdebstrap buildah
    run_on_nodes
    ;;
  --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
