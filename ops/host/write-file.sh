# Writes standard input to a file, whole or not at all: beside it first, then renamed over it. A file that holds the
# same bytes stays as it is.
#   FILE         absolute path; its directory exists
#   OWNER, MODE  of the file
#   PAUSE        optional: seconds to wait when a file with other content was replaced
umask 077
new="$FILE.new"
cat > "$new"
# Cut off before it came: the caller was killed. Nothing that is written here is empty.
[ -s "$new" ] || { rm "$new"; echo "$FILE: no content came" >&2; exit 1; }
chown "$OWNER" "$new"
chmod "$MODE" "$new"

if [ -f "$FILE" ] && cmp -s "$new" "$FILE"; then
  chown "$OWNER" "$FILE"
  chmod "$MODE" "$FILE"
  rm "$new"
  exit 0
fi

replaced=
if [ -f "$FILE" ]; then replaced=yes; fi
sync
mv "$new" "$FILE"
sync
if [ -n "$replaced" ]; then sleep "${PAUSE:-0}"; fi
