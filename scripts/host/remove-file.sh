# Removes a file that carries a mark; any other stays.
#   FILE  absolute path
#   MARK  first line of the file
# Its directory may be another uid's, who may put a link or a pipe there at any moment.
if [ -L "$FILE" ] || [ ! -f "$FILE" ]; then exit 0; fi
if [ "$(timeout 5 head -c 4096 "$FILE" | head -n 1)" = "$MARK" ]; then rm "$FILE"; fi
