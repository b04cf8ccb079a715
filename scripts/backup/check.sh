#!/bin/bash
# shellcheck disable=SC1091,SC2154 # what is sourced lies beside
# Checks the repository: its structure, and the bytes of a part of it, as a restore would read them. The schedule does it every week.
#   usage  check.sh WHO SUBSET     SUBSET as restic has it: 10%, 1/7, 500M
# Ends with 0 when it is whole; with 75 when another one is at work; else with 1 and a reason.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$here/one-writer.sh"
. "$here/seen.sh"

take_lock "$1"
mkdir -p /run/backup
repository
mkdir -p "$TMPDIR"
said=$TMPDIR/check
trap 'rm -rf "$TMPDIR"' EXIT

# What could not be looked at is not damaged: the last result stands.
not_looked_at() {
  local says
  says=$(store_says "$(cat "$said")")
  if [[ -n $says ]]; then echo "its store says: $says" >&2; else cat "$said" >&2; fi
  bash "$here/status.sh" lastCheckFailure="${says:-$(grep -v '^\s*$' "$said" | tail -n 1)}"
  fail "repository: must be in reach, and nobody else at work in it (restic ended with $1); nothing was checked; run the command again once it is"
}

code=0
in_reach >"$said" 2>&1 || not_looked_at $?
refuse_other_server
remove_stale_locks
tell_gone
restic check --read-data-subset "$2" 2>"$said" || code=$?
if [[ $code == 11 ]]; then not_looked_at 11; fi
if [[ $code == 0 ]]; then result=ok; else result=$(grep -v '^\s*$' "$said" | tail -n 1); fi
cat "$said" >&2
bash "$here/status.sh" lastCheckAt="$(date --utc --iso-8601=seconds)" lastCheckResult="${result:-failed}" lastCheckFailure=
[[ $result == ok ]]
