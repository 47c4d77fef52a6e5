#!/usr/bin/env bash
# Runs Python unit tests of the test's own package by their modules' names. With
# //tests/support:unittest_xml.py among the test's data each case is counted, skipped ones as such.
set -euo pipefail
workspace=$TEST_SRCDIR/$TEST_WORKSPACE
package=${TEST_TARGET#//}
export PYTHONPATH=$workspace/${package%%:*}
runner=(-m unittest -v)
[[ ! -f $workspace/tests/support/unittest_xml.py ]] ||
  runner=("$workspace/tests/support/unittest_xml.py")
exec python3 -B "${runner[@]}" "$@"
