#!/bin/bash
# shellcheck disable=SC1091,SC2154 # what is sourced lies beside
# Checks the repository: its structure, and the bytes of a part of it, as a restore would read them.
#   usage  check.sh WHO SUBSET     SUBSET as restic has it: 10%, 1/7, 500M
set -euo pipefail
. "$(dirname "$0")/common.sh"

take_lock "$1"
mkdir -p /run/backup
repository
mkdir -p "$TMPDIR"
remove_stale_locks
said=$TMPDIR/check
if restic check --read-data-subset "$2" 2>"$said"; then result=ok; else result=$(grep -v '^\s*$' "$said" | tail -n 1); fi
cat "$said" >&2
rm -rf "$TMPDIR"
bash "$here/status.sh" lastCheckAt="$(date --utc --iso-8601=seconds)" lastCheckResult="${result:-failed}"
[[ $result == ok ]]
