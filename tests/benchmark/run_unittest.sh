#!/usr/bin/env bash
# Runs Python unit tests of this directory by their modules' names.
set -euo pipefail
PYTHONPATH=$(dirname "${BASH_SOURCE[0]}")
export PYTHONPATH
exec python3 -B -m unittest -v "$@"
