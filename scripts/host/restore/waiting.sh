# shellcheck shell=sh disable=SC2034 # above and place are for who calls
# Where the files of a restore wait for their turn. Put before its scripts, after scripts/backup/place.sh.
#   DIRECTORY  absolute path of the data, which another uid writes to
#   BESIDE     absolute path of where they wait, in a directory of root's
#   EARLIER    optional: yes: the restore was begun by a release before 0.3.1, which had them in `.restore` in the data

# choose_waiting, find_waiting: set `above` and `place`, the directory and the name where they are to wait, or do already.
choose_waiting() { choose_place "$DIRECTORY" "$BESIDE" .rocketchat-restore; }
find_waiting() {
  if [ "${EARLIER:-}" = yes ]; then
    above=$DIRECTORY place=.restore
  elif [ -d "$BESIDE" ]; then
    above=$(dirname "$BESIDE") place=$(basename "$BESIDE")
  else
    above=$DIRECTORY place=.rocketchat-restore
  fi
}

# remove_waiting: wherever it is, also what an earlier release or a killed command left.
remove_waiting() {
  (enter_roots "$(dirname "$BESIDE")" && take_away "$(basename "$BESIDE")")
  (enter "$DIRECTORY" && take_away .rocketchat-restore && take_away .restore)
}

# owner_of PATH: uid:gid and mode of a directory.
owner_of() { (enter "$1" && stat -c '%u:%g %a' .); }

# plain DIRECTORY: leaves files and directories in it, without rights that only their owner may give. In a directory of root's.
plain() {
  find "$1" ! -type f ! -type d -delete
  find "$1" -perm /6000 -exec chmod ug-s {} +
}
