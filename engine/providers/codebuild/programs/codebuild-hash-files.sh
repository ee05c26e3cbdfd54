#!/bin/sh
# codebuild-hash-files PATTERN...: one digest of the names and contents of all files that match one of the patterns.
if [ $# = 0 ]; then
  echo "usage: codebuild-hash-files PATTERN..." >&2
  exit 2
fi
if command -v sha256sum >/dev/null; then
  digest() { sha256sum "$@"; }
elif command -v shasum >/dev/null; then
  digest() { shasum -a 256 "$@"; }
else
  echo "codebuild-hash-files: there is no sha256sum here" >&2
  exit 127
fi
codebuild-glob-search "$@" 2>/dev/null | while IFS= read -r file; do digest "$file"; done | digest | cut -d' ' -f1
