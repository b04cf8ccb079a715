# Gives an existing file its owner and mode.
#   FILE         absolute path
#   OWNER, MODE  of the file
if [ ! -f "$FILE" ] || [ -L "$FILE" ]; then
  echo "$FILE: is not there, or a link; run the deployment again, which writes it" >&2
  exit 1
fi
chown -h "$OWNER" "$FILE"
chmod "$MODE" "$FILE"
