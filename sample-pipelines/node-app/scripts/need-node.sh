#!/bin/sh
# Says what is missing instead of failing somewhere later.
if ! command -v node >/dev/null; then
  echo "node-app needs Node.js 18 or later: there is no 'node' on the PATH." >&2
  exit 1
fi
major=$(node -p 'process.versions.node.split(".")[0]')
if [ "$major" -lt 18 ]; then
  echo "node-app needs Node.js 18 or later: this is $(node --version)." >&2
  exit 1
fi
