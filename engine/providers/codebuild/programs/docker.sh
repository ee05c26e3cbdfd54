#!/bin/sh
# docker, and podman, as builds find them: what is meant for Amazon ECR stays in the engine that the real program talks
# to, under its ECR name. Everything else is the real program's business.
here=@HERE@      # this program's folder
record=@RECORD@  # what was pushed: name, digest, bytes, time, a line each
label=@LABEL@    # on what a build leaves running, so that it ends with the build
tool=${0##*/}

say() { echo "greenroom: $*" >&2; }

find_real() {
  IFS_=$IFS; IFS=:
  for folder in $PATH; do
    if [ "$folder" != "$here" ] && [ -f "$folder/$tool" ] && [ -x "$folder/$tool" ]; then
      real=$folder/$tool
      break
    fi
  done
  IFS=$IFS_
  [ -n "$real" ] || { echo "$tool: not found" >&2; exit 127; }
}

real= globals=
find_real
ask() { eval "\"\$real\" $globals \"\$@\""; }
pass() { eval "exec \"\$real\" $globals \"\$@\""; }
quoted() { printf "'%s' " "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

private() {
  case $1 in
    *.dkr.ecr.*.amazonaws.com/* | *.dkr.ecr.*.amazonaws.com.cn/* | *.dkr.ecr-fips.*.amazonaws.com/* | *.dkr-ecr.*.on.aws/*) ;;
    *) return 1 ;;
  esac
}
ours() { private "$1" || case $1 in public.ecr.aws/*) ;; *) return 1 ;; esac; }

server() { # of a login: a registry's name, perhaps as a URL
  name=${1#http*://}
  ours "${name%/}/"
}

repository() { case ${1%@*} in */*:*) echo "${1%:*}" ;; *) echo "${1%@*}" ;; esac; }
whole() { case $1 in *@* | */*:*) echo "$1" ;; *) echo "$1:latest" ;; esac; }
known() { cut -f1 "$record" 2>/dev/null | grep -qxF -- "$(whole "$1")"; }

look() { # digest and size of a local image. Docker's has a digest only at a registry: here, its id stands for it
  format='{{.Id}} {{.Size}}'
  [ "$tool" != podman ] || format='{{.Digest}} {{.Size}}'
  image=$1
  if ! found=$(ask image inspect --format "$format" "$image" 2>/dev/null); then
    image=${1##*@}
    found=$(ask image inspect --format "$format" "$image" 2>/dev/null) || return 1
  fi
  id=${found%% *} size=${found##* }
}

note() { { printf '' >>"$record.used"; } 2>/dev/null; } # the build makes containers

keep() { # NAME: it counts as pushed
  name=$(whole "$1")
  echo "The push refers to repository [$(repository "$name")]"
  look "$name" || { echo "An image does not exist locally with the tag: $(repository "$name")" >&2; return 1; }
  { printf '%s\t%s\t%s\t%s\n' "$name" "$id" "$size" "$(date +%s)" >>"$record"; } 2>/dev/null
  echo "${name##*:}: digest: $id size: $size"
  say "$name stays in the local engine"
}

fetch() { # NAME: it is here, or nowhere
  name=$(whole "$1")
  if ! look "$name"; then
    echo "Error response from daemon: manifest for $name not found: manifest unknown: Requested image not found" >&2
    say "no build has pushed it here, or it was removed since: then run that build again, with --force;" \
      "\`aws: real\` in greenroom.yaml lets builds reach your account"
    return 1
  fi
  printf '%s\nDigest: %s\nStatus: Image is up to date for %s\n%s\n' "Pulling from $(repository "$name")" "$id" "$name" "$name"
}

# The first word of the arguments that is no option; WITH lists the options that take the next word.
word() {
  with=$1 skip=
  shift
  for arg; do
    if [ -n "$skip" ]; then skip=; continue; fi
    case $arg in
      -*=*) ;;
      -*) case " $with " in *" $arg "*) skip=1 ;; esac ;;
      *) echo "$arg"; return ;;
    esac
  done
}
has() { wanted=" $1 "; shift; for arg; do case $wanted in *" $arg "*) return 0 ;; esac; done; return 1; }

login() {
  name=$(word "-u --username -p --password -e --email --authfile --cert-dir" "$@")
  server "$name" || pass login "$@"
  if has --password-stdin "$@"; then
    IFS= read -r password || [ -n "$password" ] || { echo "Error: Password Required" >&2; exit 1; }
    cat >/dev/null
  fi
  echo "Login Succeeded"
}

PUSH="--platform --authfile --creds --cert-dir --compression-format --compression-level --digestfile -f --format --sign-by --retry"
push() {
  name=$(word "$PUSH" "$@")
  for last; do :; done
  if [ "$tool" = podman ] && ours "${last#docker://}" && [ "$last" != "$name" ]; then # podman push IMAGE DESTINATION
    name=$last
    ask tag "$(word "$PUSH" "$@")" "${name#docker://}" || exit
  fi
  name=${name#docker://}
  ours "$name" || pass push "$@"
  if has "-a --all-tags" "$@"; then
    base=$name
    for tag in $(ask image ls --format '{{.Tag}}' "$base"); do keep "$base:$tag" || exit; done
  else
    keep "$name"
  fi
}

pull() {
  name=$(word "--platform --authfile --creds --cert-dir --arch --os --variant --retry" "$@")
  name=${name#docker://}
  private "$name" || { ours "$name" && known "$name"; } || pass pull "$@"
  fetch "$name"
}

each() { # push|pull the images of a compose file, listed on standard input
  result=0
  while IFS= read -r name; do
    case $1 in
      push) if ours "$name"; then keep "$name"; else ask push "$name"; fi ;;
      pull) if private "$name" || { ours "$name" && known "$name"; }; then fetch "$name"; else ask pull "$name"; fi ;;
    esac </dev/null || result=1
  done
  return $result
}

compose() { # the arguments of `compose`; $begin is how the real one is called
  verb= options= services= skip=
  with="-f --file -p --project-name --project-directory --env-file --profile --ansi --parallel --progress"
  for arg; do
    if [ -n "$verb" ]; then
      case $arg in -*) ;; *) services="$services$(quoted "$arg")" ;; esac
    elif [ -n "$skip" ]; then
      skip= options="$options$(quoted "$arg")"
    else
      case $arg in
        -*) options="$options$(quoted "$arg")"; if has "$with" "$arg"; then skip=1; fi ;;
        *) verb=$arg ;;
      esac
    fi
  done
  case $verb in
    up | run | create | start) if [ -n "$label" ]; then note; fi ;;
    push | pull)
      images=$(eval "ask $begin $options config --images $services") || exit
      for name in $images; do
        if ours "$name"; then printf '%s\n' "$images" | each "$verb"; exit; fi
      done
      ;;
  esac
  pass $begin "$@"
}

build() { # an image that would be pushed as soon as it is built; $begin is the command's own words
  count=$# names= pushes= value=
  for arg; do
    if [ "$value" = tag ]; then names="$names $arg"; value=; continue; fi
    if [ "$value" = output ]; then case $arg in *type=registry* | *push=true*) pushes=1 ;; esac; value=; continue; fi
    case $arg in
      -t | --tag) value=tag ;;
      --tag=*) names="$names ${arg#--tag=}" ;;
      -t?*) names="$names ${arg#-t}" ;;
      -o | --output) value=output ;;
      -o*type=registry* | --output=*type=registry* | -o*push=true* | --output=*push=true*) pushes=1 ;;
      --push | --push=true) pushes=1 ;;
    esac
  done
  any=
  for name in $names; do if ours "$name"; then any=1; fi; done
  if [ -z "$pushes" ] || [ -z "$any" ]; then pass $begin "$@"; fi
  value=
  while [ "$count" -gt 0 ]; do
    arg=$1; shift; count=$((count - 1))
    case $value in
      platform) value=; arg=$(one_platform "$arg") ;;
      output) value=; case $arg in *type=registry* | *push=true*) arg=type=docker ;; esac ;;
      cache) value=; case $arg in *type=registry*) say "no cache goes to ECR from here"; continue ;; esac
        set -- "$@" --cache-to ;;
    esac
    case $arg in
      --push | --push=true) arg=--load ;;
      -o | --output) value=output ;;
      -o*type=registry* | --output=*type=registry* | -o*push=true* | --output=*push=true*) arg=--load ;;
      --platform) value=platform ;;
      --platform=*) arg=--platform=$(one_platform "${arg#*=}") ;;
      --cache-to) value=cache; continue ;;
      --cache-to=*type=registry*) say "no cache goes to ECR from here"; continue ;;
    esac
    set -- "$@" "$arg"
  done
  ask $begin "$@" || exit
  for name in $names; do
    if ours "$name"; then keep "$name"; else ask push "$name"; fi || exit
  done
}

one_platform() {
  case $1 in
    *,*)
      one=$(ask version --format '{{.Server.Os}}/{{.Server.Arch}}')
      say "of the platforms $1 only $one is built: a local engine keeps one"
      echo "$one"
      ;;
    *) echo "$1" ;;
  esac
}

manifest() { # a list of images is its member for this machine
  verb=$1
  [ $# -gt 0 ] && shift
  name=$(word "--os --arch --variant --os-features --os-version --features --annotation --index" "$@")
  ours "$name" || pass manifest "$verb" "$@"
  list=$record.list.$(printf '%s' "$name" | tr '/:@' '___')
  case $verb in
    create)
      : >"$list"
      for arg; do case $arg in -* | "$name") ;; *) echo "$arg" >>"$list" ;; esac; done
      echo "Created manifest list $name"
      ;;
    add) for arg; do case $arg in -* | "$name") ;; *) echo "${arg#docker://}" >>"$list" ;; esac; done ;;
    annotate) ;;
    push)
      machine=$(ask version --format '{{.Server.Arch}}' 2>/dev/null)
      chosen=
      while IFS= read -r member; do
        look "$member" </dev/null || continue
        arch=$(ask image inspect --format '{{.Architecture}}' "$image" </dev/null)
        if [ -z "$chosen" ] || [ "$arch" = "$machine" ]; then chosen=$image; fi
      done <"$list"
      [ -n "$chosen" ] || { echo "no image of the list $name is here" >&2; exit 1; }
      ask tag "$chosen" "$name" || exit
      keep "$name"
      ;;
    inspect)
      look "$name" || { echo "no such manifest: $name" >&2; exit 1; }
      printf '{"schemaVersion": 2, "config": {"digest": "%s"}}\n' "$id"
      ;;
    rm) rm -f "$list" ;;
    *) say "manifest $verb of $name: nothing to do here" ;;
  esac
}

imagetools() { # buildx imagetools create -t NEW OLD
  verb=$1
  [ $# -gt 0 ] && shift
  new= old= value=
  for arg; do
    if [ -n "$value" ]; then new=$arg value=; continue; fi
    case $arg in -t | --tag) value=1 ;; --tag=*) new=${arg#*=} ;; -*) ;; *) old=${old:-$arg} ;; esac
  done
  if [ "$verb" = create ] && ours "$new"; then
    look "$old" || { echo "ERROR: $old: not found" >&2; exit 1; }
    ask tag "$image" "$new" && keep "$new"
  elif [ "$verb" = inspect ] && private "$old"; then
    fetch "$old"
  else
    pass buildx imagetools "$verb" "$@"
  fi
}

inspect() { # what was pushed has a digest, which only a registry's answer would write down
  for last; do :; done
  if [ "$tool" = podman ] || ! ours "$last" || ! known "$last"; then pass $begin "$@"; fi
  name=$(repository "$last") count=$#
  digests="(split (printf \"%s@%s\" \"$name\" .Id) \" \")"
  formatted=
  while [ "$count" -gt 0 ]; do
    arg=$1; shift; count=$((count - 1))
    case $arg in
      -f | --format | --format=* | -f?*) formatted=1 ;;
    esac
    case $arg in
      *.RepoDigests*) arg=$(printf '%s' "$arg" | awk -v by="$digests" '{ at = index($0, ".RepoDigests"); print substr($0, 1, at - 1) by substr($0, at + 12) }') ;;
    esac
    set -- "$@" "$arg"
  done
  [ -z "$formatted" ] || pass $begin "$@"
  look "$last" || pass $begin "$@"
  found=$(ask $begin "$@") || exit
  printf '%s\n' "$found" | sed "s|\"RepoDigests\": \\[\\]|\"RepoDigests\": [\"$name@$id\"]|"
}

remove() { # a registry keeps what is removed from an engine
  count=$# left=
  while [ "$count" -gt 0 ]; do
    arg=$1; shift; count=$((count - 1))
    if ours "$arg" && known "$arg"; then echo "Untagged: $arg"; continue; fi
    case $arg in -*) ;; *) left=1 ;; esac
    set -- "$@" "$arg"
  done
  [ -z "$left" ] || pass $begin "$@"
}

if [ "$tool" = docker-compose ]; then begin=; compose "$@"; fi
while [ $# -gt 0 ]; do
  case $1 in
    --config | --context | -c | --host | -H | --log-level | -l | --tlscacert | --tlscert | --tlskey | --url | \
      --connection | --root | --runroot | --storage-driver | --storage-opt | --cgroup-manager | --identity)
      globals="$globals$(quoted "$1")$(quoted "$2")"; shift ;;
    -*) globals="$globals$(quoted "$1")" ;;
    *) break ;;
  esac
  [ $# -eq 0 ] || shift
done
command="$1${2:+ $2}"
case $command in
  "image push" | "image pull" | "image inspect" | "image rm" | "image build" | "builder build" | "buildx build" | "buildx b")
    begin=$command; [ "$1" != buildx ] || begin="buildx build"; verb=$2; shift 2 ;;
  "buildx imagetools") shift 2; imagetools "$@"; exit ;;
  *) begin=$1 verb=$1; [ $# -eq 0 ] || shift ;;
esac
case "$begin $1" in
  "container run" | "container create" | "network create" | "volume create") begin="$begin $1" verb=run; shift ;;
esac
case $verb in
  run | create)
    if [ -n "$label" ]; then note; set -- --label "$label" "$@"; fi
    pass $begin "$@"
    ;;
  login) login "$@" ;;
  logout) if server "$(word "--authfile" "$@")"; then echo "Removing login credentials for $1"; else pass logout "$@"; fi ;;
  push | pull | build | manifest | compose) "$verb" "$@" ;;
  b) build "$@" ;;
  inspect) inspect "$@" ;;
  rmi | rm) if [ "$begin" = rm ]; then pass rm "$@"; else remove "$@"; fi ;;
  "") pass ;;
  *) pass "$verb" "$@" ;;
esac
