# Prints a file, or nothing where there is none.
#   FILE  absolute path
if [ -f "$FILE" ]; then cat "$FILE"; fi
