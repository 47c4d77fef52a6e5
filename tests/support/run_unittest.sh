#!/usr/bin/env bash
# Runs Python unit tests of the test's own package by their modules' names.
set -euo pipefail
package=${TEST_TARGET#//}
export PYTHONPATH=$TEST_SRCDIR/$TEST_WORKSPACE/${package%%:*}
exec python3 -B -m unittest -v "$@"
