#!/usr/bin/env bash
# Takes docs/report.png, the report of the quick start in Chromium, and docs/terminal.png, its live
# screen in tmux, as a terminal of 80 × 24 shows it.
#
#     ./setup.sh && docs/pictures.sh
#
# Exit codes: 0 the pictures are taken; 5 something that they need is missing, which is said.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for program in /usr/bin/chromium node tmux; do
  command -v "$program" >/dev/null || {
    echo "pictures.sh: $program is not installed: run ./setup.sh" >&2
    exit 5
  }
done
bazel build //controller //agent //target-services/echo @web_packages//:playwright_core
scratch=$(mktemp -d)
tmux_here() { tmux -f /dev/null -S "$scratch/tmux" "$@"; }
trap 'tmux_here kill-server 2>/dev/null || true; rm -rf "$scratch"' EXIT
PLAYWRIGHT_CORE=$(bazel info output_base)/external/web_packages/node_modules/playwright-core
export PLAYWRIGHT_CORE LC_ALL=C.UTF-8

# Of a minute, so that the rows of bars are full; ten seconds before its end.
take_terminal() {
  sed -e 's/^measure: 10s/measure: 1m/' -e "s#payloads/#$PWD/configs/payloads/#" \
    configs/quickstart.yaml >"$scratch/quickstart.yaml"
  tmux_here new-session -d -x 80 -y 24 \
    "bazel-bin/controller/controller $scratch/quickstart.yaml --results $scratch/live"
  for ((tries = 0; tries < 600; ++tries)); do
    tmux_here capture-pane -ep >"$scratch/screen"
    ! grep -q '0:10 left' "$scratch/screen" || break
    sleep 0.2
  done
  node tests/browser/take_terminal_picture.mjs "$scratch/screen" docs/terminal.png
}

take_report() {
  # A verdict of any kind makes a picture.
  bazel-bin/controller/controller configs/quickstart.yaml --results "$scratch/done" >/dev/null ||
    true
  node tests/browser/take_picture.mjs "$scratch"/done/*/report.html docs/report.png
}

take_terminal
tmux_here kill-server 2>/dev/null || true
take_report
