#!/usr/bin/env bash
# Runs the project's tests and closes with the line `N passed, N failed`, counted from results.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

readonly FUZZ_RUNS=20000
readonly FUZZ_SECONDS=20

usage() {
  cat <<'USAGE'
usage: ./test.sh [--quick | --sanitizers] [--help]

  (no option)    bazel test //..., then the formatting, clang-tidy, the shell scripts and a short
                 run of each fuzz target
  --quick        bazel test //... alone
  --sanitizers   the full run, then bazel test //... under ASan, UBSan and TSan
  --help         this text

The last line is `N passed, N failed`, with `, N skipped` if any were. Each test case of a test
binary counts as one, and so does each other check. Exit code: 0 nothing failed, 1 something did,
2 an option is not known.
USAGE
}

MODE=full
while (($#)); do
  case $1 in
    --quick) MODE=quick ;;
    --sanitizers) MODE=sanitizers ;;
    --help)
      usage
      exit 0
      ;;
    *)
      echo "test.sh: unknown option '$1'" >&2
      usage >&2
      exit 2
      ;;
  esac
  shift
done

SCRATCH=$(mktemp -d)
PASSED=0
FAILED=0
SKIPPED=0
FAILURES=()

heading() { printf '\n== %s ==\n' "$1"; }

pass() {
  PASSED=$((PASSED + 1))
  printf 'ok      %s\n' "$1"
}

fail() {
  FAILED=$((FAILED + 1))
  FAILURES+=("$1")
  printf 'FAILED  %s\n' "$1"
}

skip() {
  SKIPPED=$((SKIPPED + 1))
  printf 'skipped %s\n' "$1"
}

# check TITLE COMMAND…: one check that is right if the command is.
check() {
  local title=$1
  shift
  if "$@"; then pass "$title"; else fail "$title"; fi
}

# check_or_skip TITLE COMMAND…: as check; a command that ends with 77 has said why it was skipped.
check_or_skip() {
  local title=$1 status=0
  shift
  "$@" || status=$?
  case $status in
    0) pass "$title" ;;
    77) skip "$title" ;;
    *) fail "$title" ;;
  esac
}

# bazel_test TITLE OPTIONS…: all tests of the workspace, counted from their result files.
bazel_test() {
  local title=$1 events=$SCRATCH/events.json counts
  shift
  heading "$title"
  rm -f "$events"
  bazel test --build_event_json_file="$events" --keep_going --color=no --curses=no \
    --noshow_progress --test_summary=terse "$@" //...
  local status=$?
  counts=$(python3 tests/style/count_results.py "$events" "$status") || counts='0 1 0'
  local passed failed skipped
  read -r passed failed skipped <<<"$counts"
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  PASSED=$((PASSED + passed))
  FAILED=$((FAILED + failed))
  SKIPPED=$((SKIPPED + skipped))
  ((failed == 0)) || FAILURES+=("$title: $failed")
}

# The project's own C++ sources, each ended by a NUL.
cpp_sources() {
  find agent controller core host link target-services tests \
    \( -name '*.cc' -o -name '*.h' \) -print0 2>/dev/null | sort -z
}

# Files that a shell runs, each ended by a NUL. The stand-ins under third_party are ours too.
shell_scripts() {
  find . -path './bazel-*' -prune -o -path ./.git -prune -o -path ./results -prune -o \
    -type f -name '*.sh' -print0 | sort -z
  printf '%s\0' .ci/run
}

check_format() {
  heading 'format'
  cpp_sources >"$SCRATCH/cpp_sources"
  check 'clang-format' xargs -0 -r clang-format --dry-run -Werror <"$SCRATCH/cpp_sources"
}

check_tidy() {
  heading 'clang-tidy (a second or two a file)'
  check 'clang-tidy' python3 tests/style/run_clang_tidy.py
}

check_shell() {
  heading 'shell scripts'
  shell_scripts >"$SCRATCH/shell_scripts"
  check 'shellcheck' xargs -0 shellcheck <"$SCRATCH/shell_scripts"
}

# What puts Drumline on hosts. Each part is skipped where a tool that it takes is missing.
check_deployment() {
  heading 'hosts: Terraform, units, packages, bare metal'
  check_or_skip 'Terraform modules and examples' tests/deploy/run.sh --terraform
  check_or_skip "Terraform's own rules" tests/deploy/run.sh --tflint
  check_or_skip "values against AWS's models" tests/deploy/run.sh --aws-values
  check_or_skip 'systemd units' tests/deploy/run.sh --units
  check_or_skip 'readiness for a supervisor' tests/deploy/run.sh --readiness
  check_or_skip 'Debian packages' tests/deploy/run.sh --packages
  check_or_skip 'drumline-fleet over SSH' tests/deploy/run.sh --bare-metal
}

check_kubernetes() {
  heading 'Kubernetes'
  check_or_skip 'the Helm chart by itself' tests/e2e/k8s/run.sh --chart
  check_or_skip 'the Helm chart on a control plane' tests/e2e/k8s/run.sh --cluster
  check_or_skip 'the Helm chart on real nodes' tests/e2e/k8s/run.sh --nodes
}

# fuzz NAME BINARY: runs a fuzz target on a copy of its corpus, so that finds stay out of the tree.
fuzz() {
  local name=$1 binary=$2 work=$SCRATCH/fuzz/$1 corpus=tests/fuzz/corpus/${1%_fuzz}
  mkdir -p "$work/corpus"
  [[ ! -d $corpus ]] || cp -r "$corpus/." "$work/corpus"
  if "$binary" -runs="$FUZZ_RUNS" -max_total_time="$FUZZ_SECONDS" -seed=1 \
    -artifact_prefix="$work/" "$work/corpus" >"$work/log" 2>&1; then
    pass "$name ($(find "$work/corpus" -type f | wc -l) inputs)"
  else
    tail -n 40 "$work/log"
    KEEP_SCRATCH=true
    fail "$name (the input that failed is in $work)"
  fi
}

run_fuzz_targets() {
  heading "fuzz targets ($FUZZ_RUNS runs or $FUZZ_SECONDS s each)"
  local targets=() options target bin
  options=(--config=fuzz --platform_suffix=-fuzz --experimental_convenience_symlinks=ignore)
  mapfile -t targets < <(bazel query --noshow_progress \
    'filter("_fuzz$", kind("cc_binary", //tests/fuzz/...))' 2>"$SCRATCH/query")
  if ((${#targets[@]} == 0)); then
    cat "$SCRATCH/query"
    fail 'no fuzz target was found'
    return
  fi
  for target in "${targets[@]}"; do
    if bazel build "${options[@]}" --color=no --curses=no --noshow_progress "$target" \
      >"$SCRATCH/build" 2>&1; then
      bin=$(bazel info "${options[@]}" bazel-bin 2>/dev/null)
      fuzz "${target##*:}" "$bin/tests/fuzz/${target##*:}"
    else
      cat "$SCRATCH/build"
      fail "${target##*:} (does not build)"
    fi
  done
}

run_sanitizers() {
  local name
  for name in asan ubsan tsan; do
    # A suffix of its own for the outputs: no configuration throws away another's.
    bazel_test "bazel test --config=$name //..." "--config=$name" "--platform_suffix=-$name" \
      --experimental_convenience_symlinks=ignore --build_tests_only
  done
}

report() {
  heading 'result'
  ((${#FAILURES[@]} == 0)) || printf 'failed: %s\n' "${FAILURES[@]}"
  local line="$PASSED passed, $FAILED failed"
  ((SKIPPED == 0)) || line+=", $SKIPPED skipped"
  printf '%s\n' "$line"
}

KEEP_SCRATCH=false
trap '[[ $KEEP_SCRATCH == true ]] || rm -rf "$SCRATCH"' EXIT

bazel_test 'bazel test //...'
if [[ $MODE != quick ]]; then
  check_format
  check_tidy
  check_shell
  check_kubernetes
  check_deployment
  run_fuzz_targets
fi
[[ $MODE != sanitizers ]] || run_sanitizers
report
((FAILED == 0 && PASSED > 0))
