#!/usr/bin/env bash
# Copy htmx as package-lock.json pins it to static/vendor, the version in its name, and record the hash of each file there.
set -euo pipefail
cd "$(dirname "$0")/.."
npm ci --ignore-scripts --no-audit --no-fund --silent
version=$(node -p 'require("htmx.org/package.json").version')
mkdir -p static/vendor
rm -f static/vendor/htmx-*.min.js
cp node_modules/htmx.org/dist/htmx.min.js "static/vendor/htmx-$version.min.js"
cp node_modules/htmx.org/LICENSE "static/vendor/htmx-LICENSE.txt"
rm -rf node_modules
(cd static/vendor && sha256sum htmx-* > HASHES && cat HASHES)
