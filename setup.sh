#!/usr/bin/env bash
# Installs what Drumline is built and tested with: packages of the distribution, and into a
# directory of the user's own from npm what third_party/web/package-lock.json names, and from PyPI
# clang-tidy.
#
#     ./setup.sh        # asks for sudo unless run by root; a second call finds all there and ends
#
# Exit codes: 0 all packages are installed; 5 they are not, and the last lines say why.
set -euo pipefail

readonly EXIT_UNUSABLE=5

PACKAGES=(
  apache2-utils
  bazel-bootstrap
  clang
  clang-format
  curl
  hey
  libabsl-dev
  libbenchmark-dev
  libgmock-dev
  libgrpc++-dev
  libgtest-dev
  libhdrhistogram-java
  libpq-dev
  libprotobuf-dev
  libsimdjson-dev
  libssl-dev
  liburing-dev
  libyaml-cpp-dev
  nghttp2-client
  openssl
  postgresql
  prometheus
  protobuf-compiler
  protobuf-compiler-grpc
  python3
  python3-jsonschema
  python3-venv
  python3-yaml
  shellcheck
  tmux
  valgrind
  wrk
  zlib1g-dev
)

fail() {
  printf 'setup.sh: %s\n' "$@" >&2
  exit "$EXIT_UNUSABLE"
}

# Adds the packages whose names carry a version: Boost (1.81 or later) and clang's own runtime.
add_versioned_packages() {
  local boost=$1 clang=$2
  PACKAGES+=(
    "libboost$boost-dev"
    "libboost-json$boost-dev"
    "libboost-program-options$boost-dev"
    "libclang-rt-$clang-dev"
  )
}

# For the tests of deployment: what starts a service when it is installed comes only where nothing
# would start it, as in a container. Elsewhere the tests that need it are skipped.
add_deployment_packages() {
  PACKAGES+=(dpkg-dev iproute2 lintian openssh-client python3-grpcio python3-yaml)
  [[ -d /run/systemd/system ]] || PACKAGES+=(cloud-init openssh-server)
}

choose_packages() {
  local system=unknown
  add_deployment_packages
  if [[ -r /etc/os-release ]]; then
    # shellcheck source=/dev/null
    system=$(. /etc/os-release && printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-}")
  fi
  case $system in
    'debian 12')
      add_versioned_packages 1.81 14
      # Tests of the pages; elsewhere they are skipped.
      PACKAGES+=(chromium)
      ;;
    'ubuntu 24.04') add_versioned_packages 1.83 18 ;;
    *)
      add_versioned_packages 1.81 14
      fail "this system is '$system'; only Debian 12 and Ubuntu 24.04 are known here." \
        'Install what corresponds to the packages below (any Boost from 1.81 on; the runtime of' \
        'the clang that you have), then go on without setup.sh.' "${PACKAGES[*]}"
      ;;
  esac
}

# A Node.js of somebody else's making, with npm, will do.
choose_node() {
  command -v node >/dev/null && command -v npm >/dev/null || PACKAGES+=(nodejs npm)
}

# Those of PACKAGES that are not installed.
missing_packages() {
  local installed package
  installed=$(
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${PACKAGES[@]}" 2>/dev/null || true
  )
  for package in "${PACKAGES[@]}"; do
    grep -qxF "installed $package" <<<"$installed" || printf '%s\n' "$package"
  done
}

# Those of the arguments that apt has no version of.
without_candidate() {
  local package policy
  for package in "$@"; do
    # Not `| grep -q`: it stops reading early, and pipefail takes apt-cache's broken pipe for an
    # unknown package.
    policy=$(apt-cache policy "$package" 2>/dev/null || true)
    grep -q 'Candidate: [^(]' <<<"$policy" || printf '%s\n' "$package"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

# Runs apt-get without questions; its output goes to LOG and is shown only when it fails.
apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 \
    -o Acquire::Retries=3 "$@" >>"$LOG" 2>&1 </dev/null
}

update_lists() {
  echo 'setup.sh: fetching the package lists (apt-get update) …'
  apt_get update || fail 'apt-get update failed:' "$(tail -n 5 "$LOG")" \
    'Check the network and /etc/apt/sources.list, then run ./setup.sh again.'
}

install_packages() {
  # --no-remove: nothing of yours is removed to make room.
  apt_get install -y --no-install-recommends --no-remove "$@"
}

# Prometheus is wanted for its programs alone, which tests start by themselves: its service must
# not run because of us. `systemctl unmask prometheus` undoes it.
keep_prometheus_off() {
  if [[ " $* " == *" prometheus "* ]] && command -v systemctl >/dev/null; then
    as_root systemctl mask prometheus.service >>"$LOG" 2>&1 || true
  fi
}

# Where no systemd is, its script has started it.
end_prometheus() {
  if [[ " $* " == *" prometheus "* && -x /etc/init.d/prometheus ]]; then
    as_root /etc/init.d/prometheus stop >>"$LOG" 2>&1 || true
    as_root update-rc.d prometheus disable >>"$LOG" 2>&1 || true
  fi
}

explain_failure() {
  local absent
  mapfile -t absent < <(missing_packages)
  ((${#absent[@]})) || absent=("$@")
  fail "apt-get could not install: ${absent[*]}" "$(tail -n 8 "$LOG")" \
    'If another package is in conflict (Boost 1.74 is with 1.81), remove it first; if a download' \
    'failed, check the network; then run ./setup.sh again. By hand:' \
    "  sudo apt-get install --no-install-recommends ${absent[*]}"
}

# The packages of the lock file, whole and checked against its digests, or not at all.
# third_party/web_packages.bzl looks for them in the same place.
install_web_packages() {
  local digest cache directory staging
  digest=$(sha256sum third_party/web/package-lock.json)
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/drumline
  directory=$cache/web-${digest:0:12}
  [[ ! -d $directory ]] || return 0
  echo 'setup.sh: installing the web packages (npm) …'
  mkdir -p "$cache"
  staging=$(mktemp -d "$cache/staging-XXXXXX")
  cp third_party/web/package.json third_party/web/package-lock.json "$staging/"
  local errors
  if ! errors=$(npm ci --prefix "$staging" --ignore-scripts --no-audit --no-fund 2>&1); then
    rm -rf "$staging"
    fail 'npm could not install the web packages:' "$(tail -n 8 <<<"$errors")" \
      'Check the network and the registry that npm uses (npm config get registry), then run' \
      './setup.sh again.'
  fi
  chmod 755 "$staging"
  mv -T "$staging" "$directory" 2>/dev/null || rm -rf "$staging" # another call was faster
  [[ -d $directory/node_modules ]] || fail "$directory holds no packages: remove it, and run" \
    './setup.sh again.'
}

# tests/style/run_clang_tidy.py looks for it in the same place.
install_clang_tidy() {
  local wanted=third_party/clang_tidy/requirements.txt digest directory errors
  digest=$(sha256sum "$wanted")
  directory=${XDG_CACHE_HOME:-$HOME/.cache}/drumline/clang-tidy-${digest:0:12}
  [[ ! -x $directory/bin/clang-tidy ]] || return 0
  echo 'setup.sh: installing clang-tidy (PyPI) …'
  if ! errors=$({ python3 -m venv "$directory" && "$directory/bin/pip" install --quiet \
    --disable-pip-version-check --require-hashes -r "$wanted"; } 2>&1); then
    rm -rf "$directory"
    fail 'pip could not install clang-tidy:' "$(tail -n 8 <<<"$errors")" \
      'Check the network and the index that pip uses (pip config list), then run ./setup.sh again.'
  fi
}

install_distribution_packages() {
  choose_packages
  choose_node
  command -v dpkg-query apt-get >/dev/null || fail 'dpkg-query and apt-get are not there.'
  local missing unknown
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    fail 'not root, and there is no sudo. As root, run:' \
      "  apt-get install --no-install-recommends ${missing[*]}"
  fi

  LOG=$(mktemp)
  trap 'rm -f "$LOG"' EXIT
  local updated=false
  mapfile -t unknown < <(without_candidate "${missing[@]}")
  if ((${#unknown[@]})); then
    update_lists
    updated=true
    mapfile -t unknown < <(without_candidate "${missing[@]}")
    ((${#unknown[@]} == 0)) || fail "apt knows no version of: ${unknown[*]}" \
      "On Ubuntu enable the component 'universe' (add-apt-repository universe), on Debian 'main'" \
      'in /etc/apt/sources.list; then run ./setup.sh again.'
  fi
  echo "setup.sh: installing ${#missing[@]} packages and what they need (up to some minutes) …"
  keep_prometheus_off "${missing[@]}"
  local wanted=("${missing[@]}")
  if ! install_packages "${missing[@]}"; then
    # The lists may name versions that the mirror no longer has.
    [[ $updated == true ]] && explain_failure "${missing[@]}"
    update_lists
    install_packages "${missing[@]}" || explain_failure "${missing[@]}"
  fi
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} == 0)) || explain_failure "${missing[@]}"
  end_prometheus "${wanted[@]}"
  echo 'setup.sh: done.'
}

main() {
  cd "$(dirname "${BASH_SOURCE[0]}")"
  install_distribution_packages
  install_web_packages
  install_clang_tidy
}

main "$@"
