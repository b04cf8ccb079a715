#!/bin/bash
# shellcheck disable=SC1091,SC2154 # what is sourced lies beside
# Takes what is in the repository now for what is to be there: backups that went were removed on purpose.
#   usage  accept-gone.sh WHO
# Ends with 75 when another one is at work.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$here/seen.sh"

take_lock "$1"
mkdir -p /run/backup
repository
remember_seen
bash "$here/status.sh" snapshotsGone= snapshots="$(wc -l </backup/seen)"
