# Makes a directory with its owner and mode. Files below it change owner only when the directory itself did,
# for instance when a new image runs as another user. Deletes nothing.
#   DIRECTORY  absolute path
#   OWNER      uid:gid
#   MODE       octal
mkdir -p "$DIRECTORY"
if [ "$(stat -c %u:%g "$DIRECTORY")" != "$OWNER" ]; then
  chown -R "$OWNER" "$DIRECTORY"
fi
chmod "$MODE" "$DIRECTORY"
