# shellcheck disable=SC2154 # above and place come from waiting.sh
# Changes the content of a directory for what waits, or back. The directory itself stays: it may be a disk of its own, and
# containers have it mounted. Killed anywhere, a repeat finishes it, in either direction.
#   RUN        of this restore alone, as stage-files.sh has written it
#   DIRECTION  forward, back, or clean: the other content is removed
#   DIRECTORY, BESIDE, EARLIER  see waiting.sh
if [ "$DIRECTION" = clean ]; then
  remove_waiting
  sync
  exit
fi
find_waiting
enter "$DIRECTORY"
exec 7<.
enter_above "$DIRECTORY"
if [ ! -d "$place" ]; then
  refuse "$above/$place: must hold the files that wait (got nothing there); look for it below $DIRECTORY: find $DIRECTORY -type d -user 0; move it back, then run the command again"
fi
enter_roots "$above/$place"
if [ "${EARLIER:-}" != yes ] && [ "$(cat run)" != "$RUN" ]; then
  refuse "$above/$place: must be of the restore of $RUN (got that of $(cat run)); look for that one below $DIRECTORY: find $DIRECTORY -type d -user 0; move it back, then run the command again"
fi
exec 8<.
# Whatever they are called by now.
data=/proc/self/fd/7
waiting_files=/proc/self/fd/8

# What is root's and closed is of another command, or of the file system.
move_all() { # FROM TO
  (cd -P "$1/." && find . -mindepth 1 -maxdepth 1 ! \( -type d -user 0 ! -perm /077 \) -exec mv -f -t "$2" -- {} +) ||
    refuse "$DIRECTORY: must be left alone while files change places (got somebody's changes meanwhile, see above); see who writes there, then run the command again"
}

case $DIRECTION in
  forward)
    mkdir -p old
    if [ ! -e old-is-out ]; then
      move_all $data $waiting_files/old
      sync
      : > old-is-out
      sync
    fi
    rm -rf new/.restore # of a snapshot made while an earlier release restored one file
    move_all $waiting_files/new $data
    ;;
  back)
    [ -d old ] || exit 0
    if [ -e old-is-out ]; then
      move_all $data $waiting_files/new
      sync
      rm old-is-out
      sync
    fi
    move_all $waiting_files/old $data
    ;;
esac
sync
