# shellcheck shell=bash
# Building for an architecture that is not this machine's; sourced by build.sh. The distribution's
# cross compiler compiles and links against a tree of the other architecture's packages, the
# sysroot, so that nothing of that architecture has to be installed. It is kept, and made again when
# the list of packages changes.

# What programs are compiled and linked against; those of setup.sh that are libraries.
readonly SYSROOT_PACKAGES=(
  libabsl-dev libboost-json1.81-dev libboost-program-options1.81-dev libboost1.81-dev libc6-dev
  libgrpc++-dev libpq-dev libprotobuf-dev libsimdjson-dev libssl-dev libstdc++-12-dev liburing-dev
  libyaml-cpp-dev zlib1g-dev
)
# The names that a compiler looks for its tools by.
readonly CROSS_TOOLS=(ar as dwp gcov ld ld.bfd ld.gold nm objcopy objdump strip)

# Debian's architecture → the GNU name of its tools.
gnu_name_of() {
  case $1 in
    amd64) echo x86_64-linux-gnu ;;
    arm64) echo aarch64-linux-gnu ;;
    *) return 1 ;;
  esac
}

# A line for each file of the packages: package, path from /.
# shellcheck disable=SC2016
LIST_FILES='for deb in "$1"/var/cache/apt/archives/*.deb; do \
  name=$(dpkg-deb -f "$deb" Package); \
  dpkg-deb --fsys-tarfile "$deb" | tar --list | sed "s|^\.|$name\t|"; done'
readonly LIST_FILES

# Links that begin at / would lead out of the sysroot, to this machine's own libraries.
keep_links_within() {
  local root=$1 link
  while IFS= read -r -d '' link; do
    ln -sfnr "$root$(readlink "$link")" "$link"
  done < <(find "$root" -type l -lname '/*' -print0)
}

# Lays out the sysroot of an architecture in a directory, with files.tsv beside it.
make_sysroot() {
  local arch=$1 directory=$2 staging include
  include=$(IFS=, && echo "${SYSROOT_PACKAGES[*]}")
  mkdir -p "$(dirname "$directory")"
  staging=$(mktemp -d "$directory.XXXXXX")
  echo "laying out the libraries of $arch …"
  if ! package_sources | mmdebstrap --quiet --variant=extract --architectures="$arch" \
    --include="$include" --extract-hook="$LIST_FILES >$staging/files.tsv" \
    "$SUITE" "$staging/root" - >"$SCRATCH/mmdebstrap.log" 2>&1; then
    rm -rf "$staging"
    fail "mmdebstrap could not lay out the libraries of $arch:" \
      "$(tail -n 5 "$SCRATCH/mmdebstrap.log")"
  fi
  chmod 755 "$staging"
  keep_links_within "$staging/root"
  mv -T "$staging" "$directory" 2>/dev/null || rm -rf "$staging" # another call was faster
}

# Sets CROSS (a directory with bin/, root/ and files.tsv) and BAZEL_OPTIONS for an architecture.
prepare_cross() {
  local arch=$1 gnu digest tool
  gnu=$(gnu_name_of "$arch")
  digest=$(sha256sum <<<"$SUITE ${SYSROOT_PACKAGES[*]}")
  CROSS=${XDG_CACHE_HOME:-$HOME/.cache}/drumline/sysroot-$arch-${digest:0:12}
  [[ -d $CROSS ]] || make_sysroot "$arch" "$CROSS"
  mkdir -p "$CROSS/bin"
  for tool in "${CROSS_TOOLS[@]}"; do ln -sfn "/usr/bin/$gnu-$tool" "$CROSS/bin/$tool"; done
  printf '#!/bin/sh\nexec /usr/bin/%s-gcc --sysroot=%s "$@"\n' "$gnu" "$CROSS/root" \
    >"$CROSS/bin/gcc"
  chmod 755 "$CROSS/bin/gcc"
  # shellcheck disable=SC2034 # read by build.sh
  BAZEL_OPTIONS=("--repo_env=CC=$CROSS/bin/gcc" "--platform_suffix=-$arch"
    --experimental_convenience_symlinks=ignore)
}

# The names of the libraries that a program or library asks for, a line each.
needed_by() {
  "$CROSS/bin/objdump" -p "$1" | awk '$1 == "NEEDED" {print $2}'
}

# The libraries in the sysroot that a program links to, and those that they link to, as paths in it.
cross_libraries_of() {
  local -A seen=()
  local pending=("$1") found=() name path
  while ((${#pending[@]})); do
    path=${pending[0]}
    pending=("${pending[@]:1}")
    for name in $(needed_by "$path"); do
      [[ -z ${seen[$name]:-} ]] || continue
      seen[$name]=yes
      path=$(find "$CROSS/root/usr/lib" "$CROSS/root/lib" -name "$name" -print -quit)
      [[ -n $path ]] || fail "$name, which $(basename "$1") links to, is not in the sysroot"
      pending+=("$path")
      found+=("${path#"$CROSS/root"}" "/${path#"$CROSS/root/usr/"}")
    done
  done
  ((${#found[@]} == 0)) || printf '%s\n' "${found[@]}" | sort -u
}

# The packages whose libraries a program of the other architecture links to, a name a line.
cross_packages_of() {
  cross_libraries_of "$1" >"$SCRATCH/libraries"
  awk -F '\t' 'NR == FNR {wanted[$1]; next} $2 in wanted {print $1}' "$SCRATCH/libraries" \
    "$CROSS/files.tsv" | sort -u
}
