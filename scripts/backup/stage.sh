# shellcheck shell=bash disable=SC2154 # here and the place come from common.sh
# Lays out what a snapshot holds, below `snapshot` (docs/decisions/0011), in a directory of root's, which is the present one from then
# on. Sourced by run.sh.
#
# Nobody stops writing meanwhile. What makes it whole: each file is linked before or after the database is read, so that one which is
# removed in between is there all the same; each document is read whole; and what the documents name is looked up among the
# files. Where something is not there, all is read once more, and what was linked stays.

# steady FROM TO: copies what an `up` replaces file by file, each as a whole; cp refuses one that is replaced under its hands.
steady() {
  cp --archive "$1" "$2" 2>/dev/null || { rm -rf "$2" && cp --archive "$1" "$2"; }
}

# take_over FROM TO: copies what is another uid's, see tree.js. Sets `left_out`.
take_over() {
  left_out=$(DOING=copy FROM=$1 TO=$2 mongosh --nodb --quiet --norc --eval "require('$here/tree.js')")
}

# watch_uploads, link_new: links the uploads, and later what has come since, at once: mongosh takes seconds to start, in which what came may
# go. Nothing that takes long may stand between the readings, either.
watch_uploads() {
  local ready=
  # By exec: whoever ends it ends mongosh, which would keep the lock.
  coproc linker {
    AGAIN=yes DOING=link FROM=$uploads TO=snapshot/uploads exec mongosh --nodb --quiet --norc --eval "require('$here/tree.js')"
  }
  # bash forgets them with the process.
  exec {tell}>&"${linker[1]}" {told}<&"${linker[0]}"
  linking=$linker_PID
  read -r -u "$told" ready || true
  [[ $ready != ready ]] || return 0
  wait "$linking" || true
  return 1
}
link_new() {
  # To one that has ended meanwhile nothing can be told.
  (trap '' PIPE && echo >&"$tell") 2>/dev/null || true
  left_out=$(cat <&"$told")
  exec {tell}>&- {told}<&-
  wait "$linking"
}

# archive_step STEP: see archive.js. Answers its status. By `require`, since mongosh rewrites a script that it runs itself, which
# makes loops ninety times slower.
archive_step() {
  STEP=$1 MAIN=main ARCHIVE=snapshot/database.archive BEFORE=before AFTER=after \
    FILES=snapshot/uploads ROUND=round MISSING=/backup/missing MANIFEST=snapshot/manifest.json \
    RESERVE=${RESERVE:-268435456} FACTS=$facts mongosh --nodb --quiet --norc --eval "require('$here/archive.js')"
}

# Ends the run with what mongodump failed of, or said last.
not_dumped() {
  fail "mongodump: $(awk '{ last = $0 } sub(/.*Failed: /, "") { failed = $0 } END { print failed ? failed : last }' "$TMPDIR/mongodump")"
}

read_uploads() { (dump --collection=rocketchat_uploads --archive="$1") || not_dumped; }

# find_time_series, know_time_series: begins to look for them, and leaves their names in $NOT_DUMPED.
find_time_series() {
  export NOT_DUMPED=time-series
  NAMES=$NOT_DUMPED mongosh --nodb --quiet --norc --eval "$(cat "$here/time-series.js")" \
    </parts/home/secrets/mongo-password >looked 2>&1 &
  looking=$!
}
know_time_series() { wait "$looking" || fail "mongosh: $(tail -n 1 looked)"; }

# read_main: mongodump of everything but the uploads' descriptions and what it may not read, straight into archive.js.
read_main() {
  local dumping status=0 dumped=yes excluded=()
  know_time_series
  mapfile -d '' -t excluded <"$NOT_DUMPED"
  rm -f main && mkfifo main || return
  # Opened by the shell: a mongodump that fails before it writes would leave the reader waiting.
  (dump --excludeCollection=rocketchat_uploads "${excluded[@]/#/--excludeCollection=}" --archive >main) &
  dumping=$!
  archive_step dump || status=$?
  # It may wait for a reader that there will never be.
  if [[ $status != 0 ]]; then kill -KILL "$dumping" 2>/dev/null || true; fi
  # bash would say that it was killed, after the reason.
  { wait "$dumping" || dumped=no; } 2>/dev/null
  # What archive.js says of an archive that ends too early is not the reason.
  if [[ $dumped == no ]] && { [[ $status == 0 ]] || grep -q 'Failed: ' "$TMPDIR/mongodump"; }; then not_dumped; fi
  return "$status"
}

# read_everything: one round. Status 10 when another one is needed.
read_everything() {
  find_time_series &&
    watch_uploads &&
    read_uploads before &&
    read_main &&
    read_uploads after &&
    link_new &&
    archive_step join
}

stage() {
  local round status started
  started=$(date --utc --iso-8601=seconds)
  facts=$(printf '{"stack":"%s","prefix":"%s","hostname":"%s","database":"%s","rocketchatVersion":"%s","projectVersion":"%s","storage":"%s","writer":"%s","startedAt":"%s"}' \
    "$STACK" "$PREFIX" "$SITE" "$DATABASE" "$ROCKETCHAT_VERSION" "$PROJECT_VERSION" "$STORAGE" "$(writer)" "${started/+00:00/Z}")
  find_place
  enter_above "$uploads"
  make_place "$place"
  mkdir -p snapshot/{uploads,data,secrets}
  for round in 1 2 3 4 5; do
    if [[ $round == 5 ]]; then export LAST=yes; fi
    status=0
    read_everything || status=$?
    if [[ $status != 10 ]]; then break; fi
    say "reading once more: something was uploaded and removed meanwhile (round $round)"
  done
  [[ $status == 0 ]] || return "$status"
  if [[ $STORAGE == AmazonS3 ]]; then say "not in it: the uploads, which are in their S3 bucket"; fi

  if [[ -n $left_out ]]; then say "not in it: of the uploads, $left_out"; fi
  take_over /parts/data snapshot/data
  if [[ -n $left_out ]]; then say "not in it: of the other files, $left_out"; fi
  steady /parts/home/.env snapshot/env
  steady /parts/home/secrets snapshot/secrets/rocketchat
  if [[ -d /parts/mongo-secrets ]]; then steady /parts/mongo-secrets snapshot/secrets/mongodb-shared; fi
  steady /backup/settings snapshot/settings
}
