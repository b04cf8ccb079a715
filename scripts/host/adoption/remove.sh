# Removes files or directories.
#   PATHS  absolute paths, separated by blanks
for path in $PATHS; do rm -rf "$path"; done
