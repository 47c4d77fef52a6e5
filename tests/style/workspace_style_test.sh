#!/usr/bin/env bash
# Checks the real workspace, not the test's copy of it.
set -euo pipefail
script=$(readlink -f tests/style/check_style.py)
exec python3 -B "$script" "${script%/tests/style/check_style.py}"
