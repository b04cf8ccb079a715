# Writes standard input to a file, whole or not at all: beside it first, then renamed over it. A file that holds the
# same bytes stays as it is.
#   FILE         absolute path; its directory exists
#   OWNER        optional: of the file; else the directory's
#   MODE         of the file
#   MARK         optional: a file that is there must have it as its first line, else it is somebody else's
#   PAUSE        optional: seconds to wait when a file with other content was replaced
#   FINGERPRINT  optional: not read; another one has a step run again
umask 077
# Its directory may be another uid's, who may put a link or a pipe there at any moment.
is_marked() {
  if [ -L "$FILE" ] || [ ! -f "$FILE" ]; then return 1; fi
  [ "$(timeout 5 head -c 4096 "$FILE" | head -n 1)" = "$MARK" ]
}
if [ -n "${MARK:-}" ] && { [ -e "$FILE" ] || [ -L "$FILE" ]; } && ! is_marked; then
  echo "$FILE: must be this workspace's own or not there (got one without its mark); move it away, or change prefix" >&2
  exit 1
fi
OWNER="${OWNER:-$(stat -c %u:%g "$(dirname "$FILE")")}"

# The directory may be another uid's: nothing that it put there is written through.
new="$FILE.new"
rm -f "$new"
(set -C && cat > "$new")
# Cut off before it came: the caller was killed. Nothing that is written here is empty.
[ -s "$new" ] || { rm "$new"; echo "$FILE: no content came" >&2; exit 1; }
chown -h "$OWNER" "$new"
chmod "$MODE" "$new"

if [ -f "$FILE" ] && [ ! -L "$FILE" ] && timeout 10 cmp -s "$new" "$FILE"; then
  chown -h "$OWNER" "$FILE"
  chmod "$MODE" "$FILE"
  rm "$new"
  exit 0
fi

replaced=
if [ -f "$FILE" ]; then replaced=yes; fi
sync
mv -f "$new" "$FILE"
sync
if [ -n "$replaced" ]; then sleep "${PAUSE:-0}"; fi
