# Removes what a stack made, and the directory above it when nothing else is left in it.
#   PARENT  absolute path
#   PATHS   absolute paths in it, separated by blanks
for path in $PATHS; do
  rm -rf "$path"
done
if [ -d "$PARENT" ]; then rmdir "$PARENT" 2>/dev/null || echo "$PARENT is kept: it holds something else"; fi
