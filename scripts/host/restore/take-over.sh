# Ends the waiting of a new host for its restore: from now on its backups go on after those of the server that it takes the place of.
#   AWAITING    absolute path of the file that says that it waits
#   TAKES_OVER  absolute path of the one that its first backup looks for
[ -e "$AWAITING" ] || exit 0
: > "$TAKES_OVER"
sync
rm -f "$AWAITING"
