# Removes a file that carries a mark; any other stays.
#   FILE  absolute path
#   MARK  first line of the file
if [ -f "$FILE" ] && [ "$(head -n 1 "$FILE")" = "$MARK" ]; then rm "$FILE"; fi
