# Makes a directory with its owner and mode. Files below it change owner only when the directory itself did,
# for instance when a new image runs as another user. Deletes nothing. Links are not followed; whoever writes there meanwhile can
# lead it nowhere else, since the directory is all of the host that is mounted.
#   DIRECTORY  absolute path
#   OWNER      uid:gid
#   MODE       octal
mkdir -p "$DIRECTORY"
cd "$DIRECTORY" || exit 1
if [ "$(stat -c %u:%g .)" != "$OWNER" ]; then
  # What is removed meanwhile needs no owner; what is renamed is found in the next round.
  for _ in 1 2 3; do
    said=$(find . -mindepth 1 \( ! -user "${OWNER%:*}" -o ! -group "${OWNER#*:}" \) -exec chown -h "$OWNER" {} + 2>&1) || true
    [ -n "$said" ] || break
  done
  others=$(printf '%s\n' "$said" | grep -v ': No such file or directory$' | head -n 1) || true
  if [ -n "$others" ]; then
    echo "$DIRECTORY: must belong to $OWNER with all that is in it (got $others); see what keeps root from that, then run the command again" >&2
    exit 1
  fi
  # At last: ended before, the next run goes on.
  chown -h "$OWNER" .
fi
chmod "$MODE" .
