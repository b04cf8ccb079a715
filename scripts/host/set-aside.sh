# Moves what stands in a file's place out of the way, to NAME.found-TIME beside it; an empty directory goes.
#   DIRECTORY, NAME  of the file
#   TIME             tells one from the next
cd "$DIRECTORY" || exit 1
if [ -d "$NAME" ] && [ ! -L "$NAME" ] && rmdir "$NAME" 2>/dev/null; then exit 0; fi
if [ -e "$NAME" ] || [ -L "$NAME" ]; then mv "$NAME" "$NAME.found-$TIME"; fi
