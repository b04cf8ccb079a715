#!/bin/bash
# Keeps what is known of the backups: a value a file in /backup/status.d; and writes all of them anew to /backup/status.json
# and /backup/metrics.prom, whole or not at all.
#   usage  status.sh NAME=VALUE...       (an empty value takes the name away)
#   names  lastAttemptAt lastSuccessAt lastSnapshot lastSeconds lastBytes lastBytesAdded snapshots lastFailureAt lastFailure
#          lastCheckAt lastCheckResult lastCheckFailure lastDrillAt lastDrillResult
#          snapshotsGone
# Times are ISO 8601. A result is `ok`, or what was wrong; lastCheckFailure why a check could not look, gone once one could;
# snapshotsGone the ids of backups that somebody else removed, separated by blanks.
set -euo pipefail
umask 022
values=/backup/status.d
mkdir -p "$values"
exec 8>"$values/.lock"
flock 8

for assignment; do
  name=${assignment%%=*}
  [[ $name =~ ^[A-Za-z]+$ ]] || { echo "status: takes NAME=VALUE (got $assignment)" >&2; exit 2; }
  if [[ -z ${assignment#*=} ]]; then
    rm -f "$values/$name"
  else
    printf '%s' "${assignment#*=}" | tr '\n\r\t' '   ' | tr -d '\000-\037' >"$values/.new"
    mv "$values/.new" "$values/$name"
  fi
done

value() { if [[ -f $values/$1 ]]; then cat "$values/$1"; fi; }
quoted() { local text=${1//\\/\\\\}; printf '"%s"' "${text//\"/\\\"}"; }
seconds_of() { if [[ -n $1 ]]; then date -d "$1" +%s; fi; }

json() {
  local file name content
  printf '{\n  "format": 1,\n  "repository": %s' "$(quoted "$REPOSITORY")"
  for file in "$values"/[A-Za-z]*; do
    [[ -f $file ]] || continue
    name=${file##*/} content=$(cat "$file")
    case $name in
      lastSeconds | lastBytes | lastBytesAdded | snapshots) ;;
      *) content=$(quoted "$content") ;;
    esac
    printf ',\n  "%s": %s' "$name" "$content"
  done
  printf '\n}\n'
}

# gauge NAME HELP VALUE: nothing where there is no value.
gauge() {
  if [[ -n $3 ]]; then
    printf '# HELP rocketchat_backup_%s %s\n# TYPE rocketchat_backup_%s gauge\n' "$1" "$2" "$1"
    printf 'rocketchat_backup_%s{stack="%s",prefix="%s"} %s\n' "$1" "$STACK" "$PREFIX" "$3"
  fi
}

# verdict RESULT: 1 for ok, 0 for what was wrong.
verdict() { if [[ $1 == ok ]]; then echo 1; elif [[ -n $1 ]]; then echo 0; fi; }

metrics() {
  gauge last_success_timestamp_seconds "When the newest backup was made." "$(seconds_of "$(value lastSuccessAt)")"
  gauge last_duration_seconds "How long it took." "$(value lastSeconds)"
  gauge last_size_bytes "What it holds." "$(value lastBytes)"
  gauge last_added_bytes "What it added to the repository." "$(value lastBytesAdded)"
  gauge snapshots "Backups in the repository." "$(value snapshots)"
  gauge last_failure_timestamp_seconds "When a backup failed; gone once one succeeded." "$(seconds_of "$(value lastFailureAt)")"
  gauge last_check_timestamp_seconds "When the repository was last checked." "$(seconds_of "$(value lastCheckAt)")"
  gauge last_check_success "Whether the check found it whole." "$(verdict "$(value lastCheckResult)")"
  gauge last_drill_timestamp_seconds "When a backup was last restored in a drill." "$(seconds_of "$(value lastDrillAt)")"
  gauge last_drill_success "Whether the drill succeeded." "$(verdict "$(value lastDrillResult)")"
}

for file in status.json metrics.prom; do
  if [[ $file == status.json ]]; then json; else metrics; fi >"/backup/.$file.new"
  mv "/backup/.$file.new" "/backup/$file"
done
