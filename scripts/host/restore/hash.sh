# Prints the SHA-256 of a file; a link is none.
#   FILE  absolute path
if [ -L "$FILE" ]; then
  echo "$FILE: must be a file (got a link)" >&2
  exit 1
fi
sha256sum "$FILE" | cut -d ' ' -f 1
