#!/usr/bin/env bash
# Runs Python unit tests of this directory by their modules' names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec python3 -B -m unittest "$@"
