# Prints the root that is kept, or nothing.
#   ROOT_FILE  absolute path
if [ -f "$ROOT_FILE" ]; then cat "$ROOT_FILE"; fi
