#!/usr/bin/env bash
# Resolve requirements*.in for every platform into lock files with hashes and without any index address.
# UPGRADE=1 takes the newest versions that the .in files allow; otherwise what is locked stays.
set -euo pipefail
cd "$(dirname "$0")/.."
for name in requirements requirements-test; do
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links ${UPGRADE:+--upgrade} "$name.in" --output-file "$name.txt"
    if grep -nE '://' "$name.txt"; then
        echo "$name.txt names an address (above); it should hold names, versions and hashes only" >&2
        exit 1
    fi
done
