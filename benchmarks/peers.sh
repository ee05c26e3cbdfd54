#!/bin/sh
# Installs the tools that greenroom is measured against, by their package names, into a cache folder of their own.
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/greenroom-benchmarks
mkdir -p "$cache"
[ -x "$cache/venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$cache/venv"
"$cache/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'doit>=0.36,<1' 'toolong>=1.5,<2'
if command -v npm >/dev/null; then
  npm install --prefix "$cache" --silent --no-audit --no-fund --no-save turbo@2 wireit@0.14
else
  echo "without npm there is no turbo and no wireit" >&2
fi
command -v make >/dev/null || echo "make is not here: install it with the system's packages" >&2
echo "peers are in $cache"
