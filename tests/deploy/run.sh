#!/usr/bin/env bash
# The tests of what puts Drumline on hosts, a topic at a time.
set -uo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly HERE
readonly CACHE=${DRUMLINE_DEPLOY_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/drumline-deploy}
readonly SCHEMA_PACKAGE=cdktf-provider-aws-21.22.1.tgz
readonly MODELS_PACKAGE=botocore-1.44.8-py3-none-any.whl
# Debian's own: its gRPC and YAML packages are for this one.
readonly PYTHON=/usr/bin/python3
readonly EXIT_SKIPPED=77

usage() {
  cat <<'USAGE'
usage: tests/deploy/run.sh --terraform | --tflint | --aws-values | --units | --readiness |
                           --packages | --bare-metal | --fetch | --help

  --terraform   fmt, validate and `terraform test` of each module and example, against the real AWS
                provider's schema; planted mistakes; user data
  --tflint      Terraform's own rules in each module and example, and a planted mistake
  --aws-values  what each example would send to AWS, against AWS's own models: enumerations,
                patterns, lengths, actions of policies; planted mistakes
  --units       systemd-analyze verify and security of each unit, and the tuning's settings
  --readiness   programs tell NOTIFY_SOCKET when they are ready
  --packages    builds the .deb packages, lintian, what is in them
  --bare-metal  drumline-fleet against sshd in network namespaces (root; some ten seconds)
  --fetch       fetches the AWS schema (npm, 37 MB) and AWS's models (PyPI, 17 MB) into
                ~/.cache/drumline-deploy, once; tflint is for you to install (docs/fleet.md)

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
    command -v "$tool" >/dev/null || skip "$tool is not there"
  done
}

need_modules() {
  local module
  for module in "$@"; do
    "$PYTHON" -c "import $module" 2>/dev/null || skip "python3-$module is not there"
  done
}

fetch_schema() {
  [[ -s $CACHE/$SCHEMA_PACKAGE ]] && return 0
  command -v npm >/dev/null || return 1
  mkdir -p "$CACHE"
  (cd "$CACHE" && npm pack --silent '@cdktf/provider-aws@21.22.1' >/dev/null 2>&1)
  [[ -s $CACHE/$SCHEMA_PACKAGE ]]
}

# AWS's client for Python; only the data in it is read. Debian's is older than c7i.
fetch_models() {
  [[ -s $CACHE/$MODELS_PACKAGE ]] && return 0
  mkdir -p "$CACHE"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
    --dest "$CACHE" -r "$HERE/terraform/requirements.txt" >/dev/null 2>&1
  [[ -s $CACHE/$MODELS_PACKAGE ]]
}

need_schema() {
  need terraform
  need_modules grpc yaml
  fetch_schema ||
    skip "the AWS schema is not there and cannot be fetched (npm pack @cdktf/provider-aws)"
}

cd "$HERE/../.." || exit 1
case ${1:-} in
  --terraform)
    need_schema
    AWS_SCHEMA=$CACHE/$SCHEMA_PACKAGE exec "$PYTHON" "$HERE/terraform/terraform_test.py"
    ;;
  --tflint)
    export PATH=$PATH:$CACHE/bin
    need tflint
    exec "$PYTHON" "$HERE/terraform/tflint_test.py"
    ;;
  --aws-values)
    need_schema
    fetch_models || skip "AWS's models are not there and cannot be fetched (pip download botocore)"
    AWS_SCHEMA=$CACHE/$SCHEMA_PACKAGE AWS_MODELS=$CACHE/$MODELS_PACKAGE \
      exec "$PYTHON" "$HERE/terraform/aws_values_test.py"
    ;;
  --readiness)
    exec "$PYTHON" "$HERE/readiness_test.py"
    ;;
  --units)
    need systemd-analyze
    exec "$PYTHON" "$HERE/units_test.py"
    ;;
  --packages)
    need dpkg-deb lintian
    exec "$PYTHON" "$HERE/packages_test.py"
    ;;
  --bare-metal)
    need ip nsenter ssh ssh-keygen
    [[ -x /usr/sbin/sshd ]] || skip 'sshd is not there (openssh-server)'
    ((EUID == 0)) || skip 'network namespaces need root'
    ip netns add drumline-probe 2>/dev/null || skip 'network namespaces cannot be made here'
    ip netns delete drumline-probe
    exec "$PYTHON" "$HERE/bare_metal_test.py"
    ;;
  --fetch) fetch_schema && fetch_models ;;
  --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
