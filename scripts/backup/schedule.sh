#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154 # what is sourced lies beside
# The backup container's own process: makes a backup every day at TIME, and catches up on one that was missed or failed; checks the
# repository once a week, an hour later.
#   TIME    hours and minutes of the host's clock, such as 03:30
#   JITTER  up to so many seconds later, by the day and the workspace: not every server asks the target at once
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$here/due.sh"

child=
started=$(date +%s)
tried=0 check_tried=0
mkdir -p /run/backup
# attend COMMAND...: runs it to its end, and stays alive meanwhile. Sets `attended`, how it ended.
attend() {
  "$@" &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    touch /run/backup/alive
    sleep 5 &
    wait $! || true
  done
  attended=0
  wait "$child" || attended=$?
  child=
}

# A process group of its own, so that all of a run ends with the container.
stop() {
  if [[ -n $child ]]; then
    kill -TERM -- "-$child" 2>/dev/null || true
    wait "$child" || true
  fi
  exit 0
}
trap stop TERM INT
set -m

repository
flock --nonblock "$lock" bash -c ". '$here/common.sh'; remove_staging; rm -rf '$TMPDIR'" || true
# What is known is of another repository.
if [[ -f /backup/known-repository && $(cat /backup/known-repository) != "$REPOSITORY" ]]; then rm -rf /backup/status.d /backup/missing /backup/seen; fi
printf '%s' "$REPOSITORY" >/backup/known-repository
bash "$here/status.sh"

while :; do
  touch /run/backup/alive
  # Started again, the container mounts what lies there now.
  uploads_are_current || fail "the uploads were replaced: starting again"
  now=$(date +%s)
  if due "$now"; then
    attend bash "$here/run.sh" "the schedule"
    # On a disk that is full it can write nothing down; behind another one it has not begun.
    if [[ $attended != 75 ]] && ! is_noted "$now"; then tried=$now; fi
  elif due_check "$now"; then
    check_tried=$now
    attend bash "$here/check.sh" "the schedule" 10%
  fi
  sleep 15 &
  wait $! || true
done
