#!/bin/sh
# codebuild-breakpoint: the build waits here until somebody resumes it.
here=@HERE@
if [ ! -p "$here/ask" ] || [ ! -p "$here/answer" ]; then
  echo "codebuild-breakpoint: passed by, for nobody debugs this build (run --on-failure=pause, or breakpoints: on)"
  exit 0
fi
there=$(cat "$here/moment.txt")
(umask 077; export -p >"$there/breakpoint.sh"; pwd >"$there/breakpoint.txt") 2>/dev/null
echo breakpoint 1<>"$here/ask"
read -r answer <"$here/answer"
[ "$answer" != end ] || kill -9 $PPID
