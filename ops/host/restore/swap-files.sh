# Changes the content of a directory for what waits in it, or back. The directory itself stays: it may be a disk of its own, and
# containers have it mounted. Killed anywhere, a repeat finishes it, in either direction.
#   DIRECTORY  absolute path; `.restore/new` in it holds the new content
#   DIRECTION  forward, back, or clean: the other content is removed
cd "$DIRECTORY" || exit
waiting=.restore

move_all() { # FROM TO
  find "$1" -mindepth 1 -maxdepth 1 ! -path "./$waiting" ! -path ./.backup-staging ! -path ./lost+found \
    -exec mv -t "$2" -- {} +
}

case $DIRECTION in
  forward)
    [ -d $waiting/new ] || exit 0
    mkdir -p $waiting/old
    if [ ! -e $waiting/old-is-out ]; then
      move_all . $waiting/old
      sync
      : > $waiting/old-is-out
      sync
    fi
    rm -rf $waiting/new/$waiting # of a snapshot made while one file was restored
    move_all $waiting/new .
    ;;
  back)
    [ -d $waiting/old ] || exit 0
    if [ -e $waiting/old-is-out ]; then
      move_all . $waiting/new
      sync
      rm $waiting/old-is-out
      sync
    fi
    move_all $waiting/old .
    ;;
  clean) rm -rf $waiting ;;
esac
sync
