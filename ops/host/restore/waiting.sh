# shellcheck shell=sh disable=SC2034 # waiting is for who calls
# Where the files of a restore wait for their turn. Put before its scripts, after ops/backup/place.sh.
#   DIRECTORY  absolute path of the data, which another uid writes to
#   BESIDE     absolute path of where they wait, in a directory of root's
#   EARLIER    yes: the restore was begun by a release before 0.3.1, which had them in `.restore` in the data

# find_waiting: sets `above` and `waiting`, a directory of root's and its name in there, in the data's own mount, since files change places
# by a rename. Where the data are a mount of their own, there is none but the data themselves.
find_waiting() {
  above=$(dirname "$BESIDE") waiting=$(basename "$BESIDE")
  if [ "${EARLIER:-}" = yes ]; then
    above=$DIRECTORY waiting=.restore
  elif [ "$(mount_of "$above")" != "$(mount_of "$DIRECTORY")" ]; then
    above=$DIRECTORY waiting=.rocketchat-restore
  fi
}

enter_above() { if [ "$above" = "$DIRECTORY" ]; then enter "$above"; else enter_roots "$above"; fi; }

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
