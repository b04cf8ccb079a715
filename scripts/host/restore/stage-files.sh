# shellcheck disable=SC2154 # place comes from waiting.sh
# Puts a directory of a snapshot where it waits for its turn: see waiting.sh. restic compares every byte with its hash.
# Prints the number of files and their bytes.
#   SNAPSHOT   id
#   SOURCE     path in the snapshot
#   RUN        of this restore alone
#   WHO        is told to whoever comes meanwhile
#   DIRECTORY, BESIDE  see waiting.sh
take_lock "$WHO" # of scripts/backup/common.sh: no backup removes meanwhile what is being read
remove_waiting
choose_waiting
owner=$(owner_of "$DIRECTORY")
enter_above "$DIRECTORY"
make_place "$place"
printf '%s' "$RUN" > run
mkdir new
# restic takes a path, which somebody else could lead elsewhere meanwhile; this one is the present directory whatever it is called.
restic --no-cache --no-lock --quiet restore "$SNAPSHOT:$SOURCE" --target /proc/self/cwd/new >&2
rm -rf new/.restore # of a snapshot made while an earlier release restored one file
plain new
chown -hR "${owner% *}" new
sync
find new -type f -printf '%s\n' | awk '{ files++; bytes += $1 } END { printf "%d %d\n", files, bytes }'
