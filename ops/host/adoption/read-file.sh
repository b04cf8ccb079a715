# Prints a file of the host; nothing where there is none.
#   FILE  absolute path
if [ -f "$FILE" ]; then cat "$FILE"; fi
