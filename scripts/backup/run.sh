#!/bin/bash
# shellcheck disable=SC1091,SC2154 # what is sourced lies beside
# Makes one backup: lays out what belongs into it, stores it as one snapshot, thins out the old ones, and writes down how it went.
#   usage  run.sh WHO [TAG]   WHO is told to whoever comes meanwhile. With a TAG the snapshot has that one, too, and nothing is
#                             thinned out: a restore makes one of what it replaces. With --take-over instead, this server goes on
#                             after another one that has written under its name
# Ends with 0 when there is a new snapshot; with 75 when another one is at work; else with 1 and a reason.
set -Eeuo pipefail
. "$(dirname "$0")/common.sh"
. "$here/stage.sh"
. "$here/one-writer.sh"
. "$here/seen.sh"

began=$(date +%s)
say() { echo "[$(($(date +%s) - began)) s] $*"; }
now() { date --utc --iso-8601=seconds; }
status() { bash "$here/status.sh" "$@"; }

# What a killed run may have left: its staging, temporary files, and locks in the repository, which are this container's.
clean() {
  remove_staging
  rm -rf "$TMPDIR"
  if [[ ${RESTIC_REPOSITORY:-} == /repository ]]; then find /repository -name '*-tmp-*' -type f -delete; fi
}

# The reason is the last line that a part of the run said on standard error.
ended() {
  local code=$?
  trap - EXIT
  set +e
  exec 2>&3
  # bash would say of each that it was killed.
  for job in $(jobs -p); do kill -KILL "$job" && wait "$job"; done 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$telling" 2>/dev/null && sleep 0.1; done
  if [[ $code != 0 ]]; then
    # restic says only that rclone ended.
    reason=$(grep -E '^rclone: .*(CRITICAL|ERROR)' /run/backup/said | tail -n 1 | sed -E 's/^rclone: [0-9/]+ [0-9:]+ //')
    [[ -n $reason ]] || reason=$(grep -v '^\s*$' /run/backup/said | tail -n 1)
    # restic that was interrupted says so before whatever broke off; before 0.19 it ends with 1, as for any other reason.
    if [[ $code -ge 128 ]] || grep -q 'signal [a-z]* received, cleaning up' /run/backup/said; then reason="was ended by a signal"; fi
    echo "backup: failed; ${reason:-status $code}" >&2
    status lastFailureAt="$(now)" lastFailure="${reason:-status $code}"
  fi
  rm -f /run/backup/said
  clean
  [[ $code == 0 ]] || exit 1
}

take_lock "$1"
tag=${2:-}
if [[ $tag == --take-over ]]; then
  tag=
  rm -f /backup/status.d/lastSnapshot
  : >/backup/takes-over
fi
# From here on whatever fails is told, and tried again after a while.
mkdir -p /run/backup
exec 3>&2
: >/run/backup/said
trap ended EXIT
trap 'exit 143' TERM INT HUP
exec 2> >(exec tee /run/backup/said >&3 9>&-)
telling=$!
renice --priority 19 $$ >/dev/null
ionice --class 3 --pid $$
status lastAttemptAt="$(now)"
repository
clean
mkdir -p "$TMPDIR"
if [[ -e /backup/restore.json ]]; then
  echo "must wait for the end of a restore that was interrupted; npm run restore -- --stack $STACK --resume" >&2
  exit 1
fi
# What a restore makes of what it replaces is never the latest.
if [[ -z $tag && -e /backup/awaiting-restore ]]; then
  echo "must not take the place of the backup that this new host is restored from; npm run restore -- --stack $STACK $(cat /backup/awaiting-restore)" >&2
  exit 1
fi

uploads_are_current || fail "uploads: were replaced while $HOSTNAME ran; docker restart $HOSTNAME, then run the command again"

say "asking the repository"
code=0
answer=$(in_reach 2>&1) || code=$?
if [[ $code == 10 ]]; then
  # Of a repository that is another one by the settings nothing is known.
  if [[ -s /backup/status.d/lastSnapshot ]]; then
    fail "repository: must be the one that holds snapshot $(cat /backup/status.d/lastSnapshot) (got none in $REPOSITORY); mount its disk, then docker restart $HOSTNAME, or name another path in backup.repository"
  fi
  say "making the repository"
  if ! answer=$(run_restic init 2>&1); then
    echo "$answer" >&2
    [[ $answer != *"already contains keys"* ]] || fail "repository: must be empty where it is made (got the directory keys of a first backup that was cut off; nothing else is in it); remove that directory from $REPOSITORY, then run the command again"
    exit 1
  fi
elif [[ $code == 124 ]]; then
  says=$(store_says "$answer")
  [[ -z $says ]] || fail "repository: must let this server in within $patience (got from $REPOSITORY: $says); correct its keys, its address or what is wrong there"
  fail "repository: must answer within $patience (got nothing from $REPOSITORY); see whether its server is up"
elif [[ $code != 0 ]]; then
  echo "$answer" >&2
  exit 1
fi
refuse_other_server
remove_stale_locks
tell_gone

say "reading the database and the uploads"
mongo_config
stage
say "storing"
# restic makes a snapshot without what it is told to store and does not find, and takes it for one of another line of backups: so
# it is told one path, and everything is in it.
for part in manifest.json database.archive uploads data env secrets/rocketchat settings; do
  [[ -e snapshot/$part ]] || fail "files: must be all there (got no $part); run the command again"
done
summary=
failed=
while read -r line; do
  case $line in
    'status '*) failed=$line ;;
    *'"message_type":"summary"'*) summary=$line ;;
    *'"percent_done":'*) say "  $(sed -E 's/.*"percent_done":([0-9.]+).*/\1/' <<<"$line" | awk '{ printf "%d %%", $1 * 100 }')" ;;
  esac
done < <(restic "${limits[@]}" backup --json --retry-lock 10m "${ours[@]}" ${tag:+--tag "$tag"} --group-by host --ignore-ctime --ignore-inode snapshot ||
  echo "status $?")
number() { sed -nE "s/.*\"$1\":\"?([0-9a-f]+).*/\1/p" <<<"$summary"; }
snapshot=$(number snapshot_id)
[[ -n $snapshot && -z $failed ]] || {
  # Some of the files could not be read: that is no snapshot.
  if [[ -n $snapshot && -n ${APPEND_ONLY:-} ]]; then say "incomplete, and cannot be removed from here: snapshot ${snapshot:0:8}"
  elif [[ -n $snapshot ]]; then run_restic forget "$snapshot"; fi
  exit 1
}
rm -f /backup/takes-over
status lastSuccessAt="$(now)" lastFailureAt='' lastFailure='' lastSnapshot="${snapshot:0:8}" lastSeconds="$(($(date +%s) - began))" \
  lastBytes="$(number total_bytes_processed)" lastBytesAdded="$(number data_added_packed)"

if [[ -z $tag && -z ${APPEND_ONLY:-} ]]; then
  say "thinning out"
  : >/backup/thinning
  thin_out
fi
remember_seen
status snapshots="$(wc -l </backup/seen)"
# The snapshot holds everything else; of a backup that a restore makes, what is not in it stays where it is.
left_out=$(sed -nE '/^  "leftOut": \[/,/^  \]/s/^    "(.*)",?$/\1/p' snapshot/manifest.json | paste -sd , | sed 's/,/, /g')
if [[ -n $left_out ]]; then
  say "made: snapshot ${snapshot:0:8}, without $left_out"
  [[ -n $tag ]] || fail "database $DATABASE: must hold nothing that no restore brings back (got $left_out, of a time series or of MongoDB's own; everything else is in snapshot ${snapshot:0:8}); move it to a database of its own, docs/backup.md says how"
fi
say "done: snapshot ${snapshot:0:8}, $(number total_bytes_processed) bytes, $(number data_added_packed) of them new"
