#!/usr/bin/env bash
# Takes docs/report.png: the report of the quick start, in Chromium.
#
#     ./setup.sh && docs/pictures.sh
#
# Exit codes: 0 the picture is taken; 5 something that it needs is missing, which is said.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[[ -x /usr/bin/chromium ]] || {
  echo 'pictures.sh: chromium is not installed: run ./setup.sh' >&2
  exit 5
}
bazel build //controller //agent //target-services/echo @web_packages//:playwright_core
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# A verdict of any kind makes a picture.
bazel-bin/controller/controller configs/quickstart.yaml --results "$scratch" >/dev/null || true
PLAYWRIGHT_CORE=$(bazel info output_base)/external/web_packages/node_modules/playwright-core \
  node tests/browser/take_picture.mjs "$scratch"/*/report.html docs/report.png
