#!/bin/sh
# codebuild-resume [command|phase|start|continue|fail]: have the paused build go on.
here=@HERE@
case ${1:-} in
  "" | command | phase | start | continue | fail) ;;
  *) echo "usage: codebuild-resume [command|phase|start|continue|fail]" >&2; exit 2 ;;
esac
if [ ! -p "$here/ask" ]; then
  echo "codebuild-resume: this build is over" >&2
  exit 1
fi
echo "resume ${1:-}" 1<>"$here/ask"
