#!/bin/bash
# shellcheck disable=SC1091,SC2154 # what is sourced lies beside
# The backup container's own process: makes a backup every day at TIME, and catches up on one that was missed or failed.
#   TIME    hours and minutes of the host's clock, such as 03:30
#   JITTER  up to so many seconds later, by the day and the workspace: not every server asks the target at once
set -euo pipefail
. "$(dirname "$0")/common.sh"

retry=3600
child=
started=$(date +%s)
mkdir -p /run/backup
# When something was. A clock that was ahead once has left times that say nothing.
value() {
  local at=0
  if [[ -f /backup/status.d/$1 ]]; then at=$(date -d "$(cat "/backup/status.d/$1")" +%s 2>/dev/null || echo 0); fi
  if [[ $at -gt $(($2 + 300)) ]]; then at=0; fi
  echo "$at"
}
delay_for() { echo $(($(cksum <<<"${PREFIX}rocketchat $SITE $1" | cut -d ' ' -f 1) % (JITTER + 1))); }
# A time that a change of the clock leaves out is taken for noon.
at() { date -d "$1 $TIME" +%s 2>/dev/null || date -d "$1 12:00" +%s; }

# due NOW: whether a backup is to be made.
due() {
  local planned delay success attempt
  planned=$(at today)
  if [[ $planned -gt $1 ]]; then planned=$(at yesterday); fi
  delay=$(delay_for "$planned") success=$(value lastSuccessAt "$1") attempt=$(value lastAttemptAt "$1")
  if [[ $started -gt $1 ]]; then started=$1; fi
  [[ $success -lt $planned && $1 -ge $((planned + delay)) ]] || return 1
  # What was missed while nothing ran does not begin in the moment in which everything starts.
  [[ $1 -ge $((started + delay)) || $attempt -ge $started ]] || return 1
  [[ $attempt -lt $planned || $1 -ge $((attempt + retry)) ]]
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
if [[ -f /backup/known-repository && $(cat /backup/known-repository) != "$REPOSITORY" ]]; then rm -rf /backup/status.d /backup/missing; fi
printf '%s' "$REPOSITORY" >/backup/known-repository
bash "$here/status.sh"

while :; do
  touch /run/backup/alive
  # Started again, the container mounts what lies there now.
  uploads_are_current || fail "the uploads were replaced: starting again"
  if due "$(date +%s)"; then
    bash "$here/run.sh" "the schedule" &
    child=$!
    while kill -0 "$child" 2>/dev/null; do
      touch /run/backup/alive
      sleep 5 &
      wait $! || true
    done
    wait "$child" || true
    child=
  fi
  sleep 15 &
  wait $! || true
done
