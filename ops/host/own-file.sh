# Gives an existing file its owner and mode.
#   FILE         absolute path
#   OWNER, MODE  of the file
[ -f "$FILE" ] && [ ! -L "$FILE" ] || { echo "$FILE: is not there, or a link; run the deployment again, which writes it" >&2; exit 1; }
chown -h "$OWNER" "$FILE"
chmod "$MODE" "$FILE"
