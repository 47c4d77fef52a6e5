#!/usr/bin/env bash
# Runs the tests of the pages in Chromium; where it is not installed they are skipped, and say so.
set -euo pipefail

skip() {
  echo "skipped: $1 is not installed (./setup.sh installs it where the distribution has it)"
  printf '<testsuites><testsuite name="browser"><testcase name="pages">%s%s</testsuites>\n' \
    '<skipped/></testcase>' '</testsuite>' >"$XML_OUTPUT_FILE"
  exit 0
}

[[ -x /usr/bin/chromium ]] || skip chromium
command -v node >/dev/null || skip node
export HOME=$TEST_TMPDIR
export PLAYWRIGHT_CORE=$TEST_SRCDIR/web_packages/node_modules/playwright-core
export PYTHONPATH=$TEST_SRCDIR/$TEST_WORKSPACE/tests/browser:$TEST_SRCDIR/$TEST_WORKSPACE/tests/e2e
exec python3 -B -m unittest -v pages_test
