#!/usr/bin/env bash
# Makes of the .proto files what people, editors and programs read, and puts it where they look for
# it; or checks that it is there.
#
#     bazel run //controller/schema:update
#     bazel test //controller/schema:current_test
set -euo pipefail

declare -rA PLACES=(
  [environment]=configs/environment.schema.json
  [report]=configs/report.schema.json
  [scenario]=configs/scenario.schema.json
  [reference]=docs/scenario-reference.md
)

main() {
  local kind made stale=0
  made=$(mktemp)
  # shellcheck disable=SC2064
  trap "rm -f '$made'" EXIT
  for kind in "${!PLACES[@]}"; do
    controller/schema/write_schema controller/schema/descriptors.bin "$kind" >"$made"
    if [[ $1 == write ]]; then
      install -m 644 "$made" "$BUILD_WORKSPACE_DIRECTORY/${PLACES[$kind]}"
    elif ! diff -u "${PLACES[$kind]}" "$made"; then
      echo "${PLACES[$kind]} is not current: bazel run //controller/schema:update"
      stale=1
    fi
  done
  return "$stale"
}

main "$@"
