#!/usr/bin/env bash
# Builds OCI images of the controller, the agent and the target services: without docker, from the
# programs that Bazel has built and the distribution's packages that they link to, and nothing else.
# The same commit and the same packages give the same image, to the byte.
set -euo pipefail
shopt -s inherit_errexit

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly HERE
TOP=$(cd "$HERE/../.." && pwd)
readonly TOP
# shellcheck source=deploy/images/cross.sh
. "$HERE/cross.sh"
readonly ALL_PARTS=(controller agent echo echo-dom api items users oracle)
readonly SUITE=bookworm
# Who runs in the image. Nobody on any host has this number.
readonly USER_ID=65532

usage() {
  cat <<'USAGE'
usage: deploy/images/build.sh [--arch ARCH] [--out DIR] [--tag TAG] [--prefix NAME] [PART…]

  PART           controller, agent, echo, echo-dom, api, items, users, oracle (default: all)
  --arch ARCH    amd64 or arm64 (default: this machine's)
  --out DIR      where images go, an OCI archive and an SBOM for each (default: dist/images, or
                 dist/images/ARCH for another architecture than this machine's)
  --tag TAG      the images' tag (default: the chart's appVersion)
  --prefix NAME  what stands before the part's name (default: localhost/drumline-)
  --help         this text

Needs root, bazel, mmdebstrap and buildah (apt-get install mmdebstrap buildah), and this machine's
own package sources; for the other architecture its cross compiler (g++-aarch64-linux-gnu or
g++-x86-64-linux-gnu) too. Each image is written to DIR/PART.oci.tar, its list of packages to
DIR/PART.spdx.json; bring one to a registry with
`skopeo copy oci-archive:DIR/PART.oci.tar docker://REGISTRY/drumline-PART:TAG`, or to containerd
with `ctr -n k8s.io images import DIR/PART.oci.tar`.

Exit codes: 0 built; 2 the command line is wrong; 5 something is missing or failed.
USAGE
}

fail() {
  printf 'build.sh: %s\n' "$@" >&2
  exit 5
}

wrong() {
  printf 'build.sh: %s\n' "$1" >&2
  usage >&2
  exit 2
}

# The Bazel target of a part, and the program within bazel-bin.
program_of() {
  case $1 in
    controller | agent) echo "$1/$1" ;;
    echo-dom) echo target-services/echo_dom/echo-dom ;;
    *) echo "target-services/$1/$1" ;;
  esac
}

need_tools() {
  local tool missing=() compiler=''
  if [[ $ARCH != "$OWN_ARCH" ]]; then
    compiler=$(gnu_name_of "$ARCH")
    compiler=g++-${compiler/_/-}
    command -v "$(gnu_name_of "$ARCH")-g++" >/dev/null || missing+=("$compiler")
  fi
  for tool in bazel mmdebstrap buildah ldd dpkg-query strip python3; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  ((${#missing[@]} == 0)) || fail "not there: ${missing[*]}" 'On Debian:' \
    "  apt-get install --no-install-recommends mmdebstrap buildah binutils python3 $compiler"
  ((EUID == 0)) || fail 'root is needed: mmdebstrap and buildah lay out files of other owners'
}

# The packages whose libraries a program links to, a name a line.
packages_of() {
  local libraries library
  if [[ $ARCH != "$OWN_ARCH" ]]; then
    cross_packages_of "$1"
    return
  fi
  libraries=$(ldd "$1" | awk '$3 ~ /^\// {print $3}')
  while read -r library; do
    # A package names a file as it put it there, on either side of the /usr merge.
    dpkg-query -S "$library" "$(readlink -f "$library")" "/usr$library" "${library#/usr}" \
      2>/dev/null || true
  done <<<"$libraries" | cut -d: -f1 | sort -u
}

# What a part needs beyond its libraries. The controller's image is also a place to work in
# (`kubectl exec`, `kubectl cp`), which takes a shell and tar.
extra_packages_of() {
  echo base-files
  echo ca-certificates
  [[ $1 != controller ]] || echo busybox-static
}

# This machine's own package sources, so that an image has what was built against.
package_sources() {
  local modern=(/etc/apt/sources.list.d/*.sources)
  if [[ -e ${modern[0]} ]]; then
    awk 'FNR == 1 && NR > 1 {print ""} {print}' "${modern[@]}"
  else
    cat /etc/apt/sources.list
  fi
}

# What was taken, a line a package; run by mmdebstrap while its archives are still there.
# shellcheck disable=SC2016
LIST_PACKAGES='for deb in "$1"/var/cache/apt/archives/*.deb; do dpkg-deb -W \
  --showformat="\${Package}\t\${Version}\t\${Architecture}\t\${source:Package}\n" "$deb"; \
  done | LC_ALL=C sort'
readonly LIST_PACKAGES

# Lays out the packages that a part needs in a directory; none of their scripts is run. Leaves what
# was taken in packages.tsv: name, version, architecture, source.
lay_out_packages() {
  local part=$1 program=$2 root=$3 packages
  packages=$({ packages_of "$program"; extra_packages_of "$part"; } | sort -u | paste -sd,)
  package_sources | mmdebstrap --quiet --variant=extract --architectures="$ARCH" \
    --include="$packages" --extract-hook="$LIST_PACKAGES >$SCRATCH/packages.tsv" \
    "$SUITE" "$root" - >"$SCRATCH/mmdebstrap.log" 2>&1 ||
    fail "mmdebstrap could not lay out $part:" "$(tail -n 5 "$SCRATCH/mmdebstrap.log")"
}

# Takes away what no program here reads; the licences stay.
trim() {
  local root=${1:?}
  (cd "$root" && rm -rf usr/share/{man,locale,info,lintian,bug} usr/lib/*/gconv usr/include \
    var/{cache,lib/{apt,dpkg},log} boot home media mnt)
  find "$root/usr/share/doc" -type f ! -name copyright -delete
  find "$root/usr/share/doc" -type l -delete
  find "${root:?}" \( -name '*.a' -o -name '*_unsecure.so*' -o -name 'libprotoc.so*' \
    -o -name 'libgrpc_plugin_support.so*' \) -delete
  find "$root/usr/share/doc" -type d -empty -delete
}

# The program, a user who is nobody, the certificates that the world trusts, and (the controller's
# place to work) a few words of a shell.
finish_root() {
  local part=$1 program=$2 root=$3 word
  install -D -m 0755 "$program" "$root/usr/local/bin/$part"
  "$STRIP" --strip-all "$root/usr/local/bin/$part"
  mkdir -p "$root/etc/ssl/certs" "$root/tmp"
  chmod 1777 "$root/tmp"
  find "$root/usr/share/ca-certificates" -name '*.crt' -print0 | LC_ALL=C sort -z |
    xargs -0 cat >"$root/etc/ssl/certs/ca-certificates.crt"
  printf 'root:x:0:0:root:/:/sbin/nologin\ndrumline:x:%d:%d:drumline:/tmp:/sbin/nologin\n' \
    "$USER_ID" "$USER_ID" >"$root/etc/passwd"
  printf 'root:x:0:\ndrumline:x:%d:\n' "$USER_ID" >"$root/etc/group"
  if [[ -x $root/bin/busybox ]]; then
    for word in sh sleep tar ls cat; do ln -s busybox "$root/bin/$word"; done
  fi
  [[ $part != controller ]] || cp -r "$TOP/configs" "$root/configs"
}

# An OCI archive of a directory, with no time but that of the commit.
commit_image() {
  local part=$1 root=$2 container
  local store=(--root "$SCRATCH/store" --runroot "$SCRATCH/run" --storage-driver vfs)
  container=$(buildah "${store[@]}" from scratch)
  find "$root" -exec touch --no-dereference --date="@$COMMIT_TIME" {} +
  buildah "${store[@]}" copy --quiet "$container" "$root" / >/dev/null
  buildah "${store[@]}" config --arch "$ARCH" --user "$USER_ID:$USER_ID" \
    --workingdir /tmp \
    --entrypoint "[\"/usr/local/bin/$part\"]" --cmd '' --created-by build.sh \
    --annotation "org.opencontainers.image.title=drumline-$part" \
    --annotation "org.opencontainers.image.version=$TAG" \
    --annotation "org.opencontainers.image.revision=$REVISION" "$container"
  rm -rf "$SCRATCH/layout" "$OUT/$part.oci.tar"
  buildah "${store[@]}" commit --quiet --rm --timestamp "$COMMIT_TIME" "$container" \
    "oci:$SCRATCH/layout:$PREFIX$part:$TAG" >"$SCRATCH/buildah.log" 2>&1 ||
    fail "buildah could not make the image of $part:" "$(tail -n 5 "$SCRATCH/buildah.log")"
  tar --create --file "$OUT/$part.oci.tar" --directory "$SCRATCH/layout" --sort=name \
    --mtime="@$COMMIT_TIME" --owner=0 --group=0 --numeric-owner .
}

build() {
  local part=$1 program root=$SCRATCH/root-$1
  program=$BUILT/$(program_of "$part")
  lay_out_packages "$part" "$program" "$root"
  trim "$root"
  finish_root "$part" "$program" "$root"
  python3 "$HERE/sbom.py" --name "drumline-$part" --version "$TAG" --time "$COMMIT_TIME" \
    --program "$root/usr/local/bin/$part" --packages "$SCRATCH/packages.tsv" >"$OUT/$part.spdx.json"
  commit_image "$part" "$root"
  printf '%-11s %5s MiB, %3s packages  %s\n' "$part" \
    "$(du -m --apparent-size "$OUT/$part.oci.tar" | cut -f1)" "$(wc -l <"$SCRATCH/packages.tsv")" \
    "$OUT/$part.oci.tar"
  rm -rf "$root"
}

OWN_ARCH=$(dpkg --print-architecture)
ARCH=$OWN_ARCH
OUT=
TAG=$(sed -n 's/^appVersion: *"\(.*\)"/\1/p' "$TOP/deploy/k8s/Chart.yaml")
PREFIX=localhost/drumline-
PARTS=()
while (($#)); do
  case $1 in
    --arch | --out | --tag | --prefix)
      (($# > 1)) || wrong "$1 needs a value"
      case $1 in
        --arch) ARCH=$2 ;;
        --out) OUT=$(realpath -m "$2") ;;
        --tag) TAG=$2 ;;
        --prefix) PREFIX=$2 ;;
      esac
      shift
      ;;
    --help)
      usage
      exit 0
      ;;
    -*) wrong "unknown option '$1'" ;;
    *)
      [[ " ${ALL_PARTS[*]} " == *" $1 "* ]] || wrong "there is no part '$1'"
      PARTS+=("$1")
      ;;
  esac
  shift
done
((${#PARTS[@]})) || PARTS=("${ALL_PARTS[@]}")
gnu_name_of "$ARCH" >/dev/null || wrong "--arch is amd64 or arm64, not '$ARCH'"
if [[ -z $OUT ]]; then
  OUT=$PWD/dist/images
  [[ $ARCH == "$OWN_ARCH" ]] || OUT+=/$ARCH
fi

need_tools
cd "$TOP"
REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)
COMMIT_TIME=$(git log -1 --format=%ct 2>/dev/null || echo 0)
export SOURCE_DATE_EPOCH=$COMMIT_TIME
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
mkdir -p "$OUT"
BAZEL_OPTIONS=()
STRIP='strip'
if [[ $ARCH != "$OWN_ARCH" ]]; then
  prepare_cross "$ARCH"
  STRIP=$CROSS/bin/strip
fi
targets=()
for part in "${PARTS[@]}"; do
  program=$(program_of "$part")
  targets+=("//$(dirname "$program"):$(basename "$program")")
done
echo "building ${#PARTS[@]} programs for $ARCH …"
bazel build "${BAZEL_OPTIONS[@]}" --noshow_progress --ui_event_filters=-info "${targets[@]}"
BUILT=$(bazel info "${BAZEL_OPTIONS[@]}" bazel-bin 2>/dev/null)
readonly BUILT
for part in "${PARTS[@]}"; do build "$part"; done
