#!/bin/sh
# codebuild-glob-search PATTERN...: the files below the working directory that match one of the patterns, a line each.
if [ $# = 0 ]; then
  echo "usage: codebuild-glob-search PATTERN..." >&2
  exit 2
fi
for tool in find awk sort; do
  command -v $tool >/dev/null || { echo "codebuild-glob-search: there is no $tool here" >&2; exit 127; }
done

patterns=$(for pattern; do
  pattern=${pattern#"$PWD"/}
  pattern=${pattern#./}
  printf '%s\n' "${pattern#/}"
done)

found=$(
  find . -name .git -prune -o -type f -print -o -type l ! -exec test -d {} \; -print |
    patterns=$patterns LC_ALL=C awk '
      function regex(glob,   at, c, found, class, depth) {
        found = "^"
        for (at = 1; at <= length(glob); at++) {
          c = substr(glob, at, 1)
          if (substr(glob, at, 3) == "**/") { found = found "(.*/)?"; at += 2 }
          else if (substr(glob, at, 2) == "**") { found = found ".*"; at++ }
          else if (c == "*") found = found "[^/]*"
          else if (c == "?") found = found "[^/]"
          else if (c == "{" && index(substr(glob, at), "}")) { found = found "("; depth++ }
          else if (c == "}" && depth) { found = found ")"; depth-- }
          else if (c == "," && depth) found = found "|"
          else if (c == "[" && (class = index(substr(glob, at + 2), "]"))) {
            c = substr(glob, at + 1, class)
            if (substr(c, 1, 1) == "!") c = "^" substr(c, 2)
            found = found "[" c "]"
            at += class + 1
          }
          else if (c ~ /[A-Za-z0-9_\/ -]/) found = found c
          else if (c == "^" || c == "\\") found = found "\\" c
          else found = found "[" c "]"
        }
        return found "$"
      }
      BEGIN { count = split(ENVIRON["patterns"], globs, "\n"); for (i = 1; i <= count; i++) wanted[i] = regex(globs[i]) }
      {
        path = substr($0, 3)
        for (i = 1; i <= count; i++) if (path ~ wanted[i]) { print path; next }
      }' |
    LC_ALL=C sort
)
if [ -z "$found" ]; then
  echo "codebuild-glob-search: no files found for $*" >&2
else
  printf '%s\n' "$found"
fi
