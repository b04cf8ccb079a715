# shellcheck shell=bash disable=SC2154 # TIME, JITTER, PREFIX and SITE are the container's; started, tried and check_tried the schedule's
# When the schedule's turn has come. Sourced by schedule.sh.
retry=3600
week=604800

# value NAME NOW: when something was, 0 where that is not known. A clock that was ahead once has left times that say nothing.
value() {
  local at=0
  if [[ -f /backup/status.d/$1 ]]; then at=$(date -d "$(cat "/backup/status.d/$1")" +%s 2>/dev/null || echo 0); fi
  if [[ $at -gt $(($2 + 300)) ]]; then at=0; fi
  echo "$at"
}
# is_noted SINCE: whether a run has written down that it was there.
is_noted() {
  local name
  for name in lastAttemptAt lastFailureAt lastSuccessAt; do
    if [[ $(value "$name" "$(date +%s)") -ge $1 ]]; then return 0; fi
  done
  return 1
}
# first_write NOW: when this server began to write backups.
first_write() { stat -c %Y /backup/writer 2>/dev/null || echo "$1"; }
delay_for() { echo $(($(cksum <<<"${PREFIX}rocketchat $SITE $1" | cut -d ' ' -f 1) % (JITTER + 1))); }
# A time that a change of the clock leaves out is taken for noon.
at() { date -d "$1 $TIME" +%s 2>/dev/null || date -d "$1 12:00" +%s; }
# newest_turn NOW: the last of the daily times that has come.
newest_turn() {
  local planned
  planned=$(at today)
  if [[ $planned -gt $1 ]]; then planned=$(at yesterday); fi
  echo "$planned"
}

# due NOW: whether a backup is to be made.
due() {
  local planned delay success attempt
  planned=$(newest_turn "$1")
  delay=$(delay_for "$planned") success=$(value lastSuccessAt "$1") attempt=$(value lastAttemptAt "$1")
  if [[ $started -gt $1 ]]; then started=$1; fi
  if [[ $tried -gt $1 ]]; then tried=0; fi
  if [[ $tried -gt $attempt ]]; then attempt=$tried; fi
  [[ $success -lt $planned && $1 -ge $((planned + delay)) ]] || return 1
  # What was missed while nothing ran does not begin in the moment in which everything starts.
  [[ $1 -ge $((started + delay)) || $attempt -ge $started ]] || return 1
  [[ $attempt -lt $planned || $1 -ge $((attempt + retry)) ]]
}

# due_check NOW: whether the repository is to be checked, an hour after a backup's time, in the week after the last check or, where there
# was none, after the first backup.
due_check() {
  local planned delay checked least=$((week - 7200))
  planned=$(newest_turn "$1") checked=$(value lastCheckAt "$1")
  delay=$((3600 + $(delay_for "$planned")))
  if [[ $checked == 0 ]]; then checked=$(first_write "$1"); fi
  if [[ $started -gt $1 ]]; then started=$1; fi
  if [[ $check_tried -gt $1 ]]; then check_tried=0; fi
  [[ $1 -ge $((planned + delay)) && $1 -ge $((check_tried + retry)) ]] || return 1
  # Missed while nothing ran: the next day's turn, or this one where it has waited for long.
  if [[ $started -gt $((planned + delay)) ]]; then least=$((week + 86400)); fi
  [[ $(($1 - checked)) -ge $least ]]
}
