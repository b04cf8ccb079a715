# Gives an existing file its owner and mode.
#   FILE         absolute path
#   OWNER, MODE  of the file
[ -f "$FILE" ] || { echo "$FILE: is not there; run the deployment again, which writes it" >&2; exit 1; }
chown "$OWNER" "$FILE"
chmod "$MODE" "$FILE"
