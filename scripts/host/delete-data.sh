# Removes what a stack made, and the directory above it when nothing else is left in it.
#   MOUNT   what of the host is here: the directory above PARENT, or PARENT itself, which stays then
#   PARENT  absolute path
#   PATHS   absolute paths in it, separated by blanks
for path in $PATHS; do
  # From now on its owner reaches nothing in it any more, and can lead what follows nowhere else.
  if [ -d "$path" ] && [ ! -L "$path" ]; then
    chown -h 0:0 "$path"
    chmod 0700 "$path"
  fi
  if fault=$(rm -rf "$path" 2>&1); then continue; fi
  if [ -d "$path" ] && [ -z "$(ls -A "$path")" ]; then
    echo "$path is kept, empty: a disk is mounted there"
  else
    echo "$fault" >&2
    exit 1
  fi
done
if [ "$MOUNT" = "$PARENT" ] || [ ! -d "$PARENT" ]; then exit; fi
rmdir "$PARENT" 2>/dev/null || echo "$PARENT is kept: it holds something else"
