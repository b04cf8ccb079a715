# Makes a directory with its owner and mode. Files below it change owner only when the directory itself did,
# for instance when a new image runs as another user. Deletes nothing. Links are not followed; whoever writes there meanwhile can
# lead it nowhere else, since the directory is all of the host that is mounted.
#   DIRECTORY  absolute path
#   OWNER      uid:gid
#   MODE       octal
mkdir -p "$DIRECTORY"
cd "$DIRECTORY" || exit 1
if [ "$(stat -c %u:%g .)" != "$OWNER" ]; then
  chown -hR "$OWNER" .
fi
chmod "$MODE" .
