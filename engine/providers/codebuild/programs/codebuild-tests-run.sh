#!/bin/sh
# codebuild-tests-run --test-command COMMAND --files-search COMMAND [--sharding-strategy equal-distribution|stability]:
# the tests of this build's share of the files. In a build that is no shard of a fan-out, its share is all of them.
refuse() { echo "codebuild-tests-run: $*" >&2; exit 2; }

test= search= strategy=equal-distribution
while [ $# -gt 0 ]; do
  case $1 in
    --*=*) name=${1%%=*}; value=${1#*=}; shift ;;
    --*) name=$1; [ $# -gt 1 ] || refuse "$1 needs a value"; value=$2; shift 2 ;;
    *) refuse "$1 is no option: quote a command that holds blanks" ;;
  esac
  case $name in
    --test-command) test=$value ;;
    --files-search) search=$value ;;
    --sharding-strategy) strategy=$value ;;
    *) refuse "$name: there are --test-command, --files-search and --sharding-strategy" ;;
  esac
done
[ -n "$test" ] || refuse "--test-command is missing"
[ -n "$search" ] || refuse "--files-search is missing"
case $strategy in
  equal-distribution | stability) ;;
  *) refuse "--sharding-strategy $strategy: there are equal-distribution and stability" ;;
esac
for tool in awk sort; do
  command -v $tool >/dev/null || { echo "codebuild-tests-run: there is no $tool here" >&2; exit 127; }
done

shard=${GREENROOM_SHARD:-1} shards=${GREENROOM_SHARDS:-1}
all=$(sh -c "$search") || refuse "--files-search ended with exit status $?"
all=$(printf '%s\n' "$all" | LC_ALL=C awk '{ sub(/\r$/, "") } NF' | LC_ALL=C sort -u)

# equal-distribution: as many neighbours in the alphabet as any other shard has, or one less.
# stability: a file goes to the shard that gives it the highest number, whatever other files there are.
mine=$(printf '%s\n' "$all" | LC_ALL=C awk -v shard="$shard" -v shards="$shards" -v strategy="$strategy" '
  function number(text, seed,   at, hash, round, low) {
    hash = (seed * 2654435761) % prime
    for (at = 1; at <= length(text); at++) hash = (hash * 31 + code[substr(text, at, 1)]) % prime
    for (round = 1; round <= 4; round++) {
      low = hash % 65536
      hash = (low * 2654435761 + (hash - low) / 65536 * 40503 + seed) % prime
    }
    return hash
  }
  BEGIN { prime = 4294967291; for (at = 1; at < 256; at++) code[sprintf("%c", at)] = at }
  NF { files[++count] = $0 }
  END {
    least = int(count / shards); more = count % shards
    first = (shard - 1) * least + (shard - 1 < more ? shard - 1 : more) + 1
    last = first + least + (shard <= more) - 1
    for (at = 1; at <= count; at++) {
      if (strategy == "stability") {
        best = 0; owner = 1
        for (other = 1; other <= shards; other++) if ((value = number(files[at], other)) > best) { best = value; owner = other }
        if (owner == shard) print files[at]
      } else if (at >= first && at <= last) print files[at]
    }
  }')

lines() { printf '%s\n' "$1" | awk 'NF { count++ } END { print count + 0 }'; }
echo "greenroom: codebuild-tests-run: shard $shard of $shards, $(lines "$mine") of $(lines "$all") files ($strategy)" >&2
if [ -z "$mine" ]; then
  echo "greenroom: codebuild-tests-run: no files, no tests" >&2
  exit 0
fi

CODEBUILD_CURRENT_SHARD_FILES=$mine
export CODEBUILD_CURRENT_SHARD_FILES
case $test in
  *CODEBUILD_CURRENT_SHARD_FILES*) exec sh -c "$test" ;;
esac
list=$(printf '%s\n' "$mine" | awk -v quote="'" '
  { if ($0 ~ /[^A-Za-z0-9_.\/@%+=:,-]/) { gsub(quote, quote "\\\\" quote quote); $0 = quote $0 quote } printf " %s", $0 }')
exec sh -c "$test$list"
