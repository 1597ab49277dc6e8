#!/usr/bin/env bash
# Run the checks before each commit: through pre-commit when it is installed, else by a hook that calls `make lint`.
set -euo pipefail
cd "$(dirname "$0")/.."
if command -v pre-commit > /dev/null; then
    exec pre-commit install
fi
hook=$(git rev-parse --git-path hooks/pre-commit)
if [ -e "$hook" ]; then
    echo "There is a hook already: $hook" >&2
    exit 1
fi
printf '#!/bin/sh\nexec make lint\n' > "$hook"
chmod +x "$hook"
echo "make lint now runs before each commit"
