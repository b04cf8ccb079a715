# Prints owner and mode of a directory, such as "999:999 750"; nothing where there is none.
#   DIRECTORY  absolute path
if [ -d "$DIRECTORY" ]; then stat -c '%u:%g %a' "$DIRECTORY"; fi
