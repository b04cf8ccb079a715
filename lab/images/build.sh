#!/usr/bin/env bash
# shellcheck disable=SC1090,SC1091,SC2154 # images, cache and the pins come from lib.sh
# Ensures the lab images, for machines that reach no image registry.
#
#   bash lab/images/build.sh [NAME...]          on the engine that the docker CLI reaches; prints NAME=IMAGE lines
#   bash lab/images/build.sh --tars [NAME...]   in the cache only, no engine needed; prints NAME=TAR lines
#
# NAME is rocketchat, mongo, traefik, pebble, busybox, restic or rclone; all of them by default. An image's tag is the hash of what makes
# it, so an unchanged image is built once per machine: its root file system stays in
# ${XDG_CACHE_HOME:-~/.cache}/rocketchat-lab/images as lab-NAME-TAG.tar, beside the settings it is imported with
# (lab-NAME-TAG.changes). Progress goes to standard error.
set -euo pipefail
umask 022

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

store=$cache/images
all=(rocketchat mongo traefik pebble busybox restic rclone)
tars_only=false
if [[ ${1:-} == --tars ]]; then
  tars_only=true
  shift
fi
names=("$@")
[[ $# -gt 0 ]] || names=("${all[@]}")
for name in "${names[@]}"; do
  [[ " ${all[*]} " == *" $name "* ]] || die "$name: must be one of ${all[*]}; correct the name"
done

# of NAME FUNCTION: what the image's own script says.
of() (
  . "$images/$1/image.sh"
  "$2"
)

# sources NAME...: hashes of the images' directories, the shared scripts and what else they are made of. Installed packages, tests and
# documents make no difference.
sources() {
  local name extra=''
  for name; do extra+=" $(of "$name" also_from)"; done
  (
    cd "$images"
    # shellcheck disable=SC2086 # a list of paths
    find "$@" lib.sh rootfs.sh versions.sh $extra -name node_modules -prune -o \
      -type f ! -name '*.md' ! -name '*.test.*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  )
}

# tag NAME
tag() { sources "$1" | hex12; }

failed() {
  say "lab/$1: could not be $2; the last lines of $3:"
  tail -n 15 "$3" >&2
  exit 1
}

# make_tar NAME TAG: whole or not at all.
make_tar() {
  local tar=$store/lab-$1-$2.tar log=$store/logs/$1-$2.log work
  find "$store" -maxdepth 1 -name "lab-$1-*" -mtime +30 -delete
  [[ ! -f $tar ]] || {
    touch "$tar" "${tar%.tar}.changes"
    return 0
  }
  [[ $(uname -m) == x86_64 ]] || die "lab images: need an x86_64 machine (got $(uname -m)); use the official images"
  say "building lab/$1, about $(of "$1" duration) …"
  work=$(mktemp -d "$store/work.XXXXXX")
  bash "$images/rootfs.sh" "$1" "$work" >"$log" 2>&1 || {
    rm -rf "$work"
    failed "$1" built "$log"
  }
  [[ $(tag "$1") == "$2" ]] || {
    rm -rf "$work"
    die "lab/$1: its sources must not change while it is built (got another hash); run the command again"
  }
  of "$1" changes >"${tar%.tar}.changes"
  pack "$work/root" "$tar"
  rm -rf "$work"
}

# ensure NAME TAG: the image is on the engine.
ensure() {
  local image=lab/$1:$2 tar=$store/lab-$1-$2.tar log=$store/logs/$1-$2.import.log line changes=()
  if docker image inspect "$image" >/dev/null 2>&1; then
    say "lab/$1: up to date"
    return
  fi
  SECONDS=0
  make_tar "$1" "$2"
  while read -r line; do changes+=(--change "$line"); done <"${tar%.tar}.changes"
  docker import "${changes[@]}" "$tar" "$image" >"$log" 2>&1 || failed "$1" imported "$log"
  say "lab/$1: ready after $SECONDS s"
}

if ! $tars_only; then
  need docker docker.io
  answer=$(docker version --format '{{.Server.Version}}' 2>&1) ||
    die "docker: the engine must answer (got ${answer//$'\n'/ }); start it, or name it in DOCKER_HOST"
fi

mkdir -p "$store/logs" "$store/answers"
# What was answered last time, where nothing has changed since and the engine has them still.
answer=$store/answers/$({ echo "${names[*]}"; sources "${names[@]}"; } | hex12)
if ! $tars_only && [[ -f $answer ]] && cut -d = -f 2 "$answer" | xargs docker image inspect >/dev/null 2>&1; then
  cat "$answer"
  exit
fi
exec 9>"$store/lock"
flock -n 9 || {
  say "waiting for another build on this machine …"
  flock 9
}
rm -rf "$store"/work.* "$store"/*.part "$cache"/downloads/images.*

lines=()
for name in "${names[@]}"; do
  tag=$(tag "$name")
  if $tars_only; then
    make_tar "$name" "$tag"
    lines+=("$name=$store/lab-$name-$tag.tar")
  else
    ensure "$name" "$tag"
    lines+=("$name=lab/$name:$tag")
  fi
done
$tars_only || {
  find "$store/answers" -type f -mtime +30 -delete
  printf '%s\n' "${lines[@]}" >"$answer.$$"
  mv "$answer.$$" "$answer"
}
printf '%s\n' "${lines[@]}"
