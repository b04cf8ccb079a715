# shellcheck shell=bash disable=SC1091,SC2034 # here, uploads, above, place and ours are for who sources this
# What the scripts of the backup's container share. Sourced by bash.
#
# The container has, by environment: STACK PREFIX DATABASE DATABASE_USER MONGO REPLICA_SET STORAGE ROCKETCHAT_VERSION
# PROJECT_VERSION SITE (host name of the workspace) REPOSITORY UPLOADS TIME JITTER KEEP_DAILY KEEP_WEEKLY KEEP_MONTHLY UPLOAD_LIMIT
# APPEND_ONLY (`yes` where the repository gives nothing away).
# And these directories: /backup (status, lock, cache), /backup/{bin,scripts,credentials,settings} (read-only), /uploads (where
# files can be linked), /parts/home (the workspace's directory, its secrets read-only), /parts/{data,mongo-secrets} (what else is
# backed up, read-only), /repository (where it is a directory).
export LC_ALL=C PATH=/backup/bin:$PATH
export XDG_CACHE_HOME=/backup/cache TMPDIR=/backup/tmp GOMAXPROCS=1
here=$(dirname "${BASH_SOURCE[0]}")
lock=/backup/lock
. "$here/place.sh"

fail() {
  echo "$*" >&2
  exit 1
}

# writer: the id of this server, as whoever writes to the repository.
writer() {
  if [[ ! -s /backup/writer ]]; then
    cat /proc/sys/kernel/random/uuid >/backup/writer.new
    mv /backup/writer.new /backup/writer
  fi
  cat /backup/writer
}

# Whether /uploads is the directory that Rocket.Chat writes to: one that was replaced, as a restore does, stays mounted.
# UPLOADS is its path in the workspace's directory, empty where it lies elsewhere.
uploads_are_current() {
  [[ $(stat -c %h /uploads) != 0 ]] || return 1
  [[ -z $UPLOADS || $(stat -c %d:%i /uploads) == $(stat -c %d:%i "/parts/home/$UPLOADS") ]]
}

# find_place: sets `uploads`, as they are linked from, and `above` and `place`, where a run is laid out: beside what is known of the
# backups where the uploads lie in the workspace's directory and can be linked from there; else in the uploads themselves.
find_place() {
  uploads=/parts/home/$UPLOADS
  if [[ -n $UPLOADS && -w /parts/home/backup ]]; then
    choose_place "$uploads" /parts/home/backup/staging .rocketchat-staging
    if [[ $above != "$uploads" ]]; then return; fi
  fi
  uploads=/uploads above=/uploads place=.rocketchat-staging
}

# remove_staging: what a killed run left, wherever it lay; `.backup-staging` is that of releases before 0.3.1.
remove_staging() {
  (enter /backup && take_away staging)
  (enter /uploads && take_away .rocketchat-staging && take_away .backup-staging)
}

# take_lock WHO: one at a time, also of those that look into the repository. The kernel lets go of it when its holder ends.
take_lock() {
  exec 9>>"$lock"
  if ! flock --nonblock 9; then
    echo "backup: one at a time (got a second one, while $(cat "$lock") is at work); wait until it has ended" >&2
    exit 75
  fi
  echo "$1, since $(date --iso-8601=seconds)" >"$lock"
}

# password: of Rocket.Chat's user, in the form of a mongodump configuration. Kept in memory, never an argument.
mongo_config() {
  local password
  password=$(cat /parts/home/secrets/mongo-password; echo .)
  password=${password%.}
  printf "password: '%s'\n" "${password//\'/\'\'}" >/run/backup/mongo.yaml
}

# dump ARGUMENTS: becomes a mongodump of Rocket.Chat's database, as Rocket.Chat's own user. For a subshell. What it says goes into
# $TMPDIR/mongodump: with --quiet it would not say either what it failed of.
dump() {
  exec 2>"$TMPDIR/mongodump"
  exec mongodump --config=/run/backup/mongo.yaml --host="$REPLICA_SET/$MONGO:27017" --username="$DATABASE_USER" \
    --authenticationDatabase="$DATABASE" --db="$DATABASE" --numParallelCollections=1 "$@"
}

# thin_out (commands/backup-prune.ts does the same elsewhere): removes the backups that are not to be kept. The newest always stays, and so does each of the last two days: one made
# by hand after an accident must not take the place of the good one of the night before.
thin_out() {
  run_restic forget --retry-lock 10m "${ours[@]}" --group-by host,tags --keep-last 1 --keep-within 2d --keep-daily "$KEEP_DAILY" \
    --keep-weekly "$KEEP_WEEKLY" --keep-monthly "$KEEP_MONTHLY" --prune
}

# repository: sets up restic for REPOSITORY.
repository() {
  export RESTIC_PASSWORD_FILE=/parts/home/secrets/backup-password RESTIC_PROGRESS_FPS=0.2
  mkdir -p "$XDG_CACHE_HOME"
  limits=()
  if [[ -n ${UPLOAD_LIMIT:-} ]]; then limits=(--limit-upload "$UPLOAD_LIMIT"); fi
  case $REPOSITORY in
    sftp://*) sftp_repository ;;
    s3:*)
      export RESTIC_REPOSITORY=$REPOSITORY AWS_SHARED_CREDENTIALS_FILE=/backup/credentials/s3
      ;;
    rest:*) rest_repository ;;
    *) export RESTIC_REPOSITORY=/repository ;;
  esac
  if [[ -e /backup/credentials/ca.pem ]]; then export RESTIC_CACERT=/backup/credentials/ca.pem; fi
}

# rest:https://host[:port]/path: name and password are a part of the address, which restic reads from a file.
rest_repository() {
  RESTIC_REPOSITORY=$REPOSITORY # for the scripts; restic takes one of the two
  export -n RESTIC_REPOSITORY
  export RESTIC_REPOSITORY_FILE=/run/backup/repository
  (umask 077 && printf 'rest:https://%s@%s/\n' "$(cat /backup/credentials/rest)" "${REPOSITORY#rest:https://}" >"$RESTIC_REPOSITORY_FILE")
}

# sftp://user@host[:port]/path, through rclone, which needs no ssh of the image.
sftp_repository() {
  local rest=${REPOSITORY#sftp://} address port=22
  address=${rest%%/*}
  if [[ ${address#*@} == *:* ]]; then port=${address##*:} address=${address%:*}; fi
  cat >/run/backup/rclone.conf <<END
[target]
type = sftp
host = ${address#*@}
user = ${address%%@*}
port = $port
key_file = /backup/credentials/sftp-key
known_hosts_file = /backup/credentials/known-hosts
shell_type = none
END
  export RCLONE_CONFIG=/run/backup/rclone.conf RCLONE_CONTIMEOUT=20s RCLONE_RETRIES=2
  export RESTIC_REPOSITORY=rclone:target:/${rest#*/}
}

# Removes the locks that a killed run left in the repository: all that are this container's, where no other restic is at work now.
# Of others only those that restic itself finds stale.
remove_stale_locks() {
  local id holders=
  for id in $(run_restic list locks --no-lock); do
    holders+=$(run_restic cat lock "$id" --no-lock | grep '"hostname"')$'\n'
  done
  if [[ -z $holders ]]; then return; fi
  if grep -v '^$' <<<"$holders" | grep -qv "\"$HOSTNAME\""; then run_restic unlock; else run_restic unlock --remove-all; fi
}

# ours: options that name the snapshots of this workspace.
ours=(--host "${PREFIX}rocketchat" --tag rocketchat)

# in_reach: asks the repository for the first time. restic itself would try again for a quarter of an hour, without a word. Ends
# with 124 when nothing answers, with 10 when there is no repository.
patience=2m
in_reach() { timeout "$patience" restic --quiet cat config --no-lock; }

# store_says TEXT: what the store answered last, of what restic says while it tries again; nothing where it did not answer.
store_says() { sed -nE 's/^.* returned error, retrying after [^ ]+: (.+)$/\1/p' <<<"$1" | tail -n 1; }

# run_restic ARGUMENTS: restic without what it says of its cache.
run_restic() { restic --quiet "${limits[@]}" "$@"; }
