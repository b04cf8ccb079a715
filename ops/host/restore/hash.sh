# Prints the SHA-256 of a file.
#   FILE  absolute path
sha256sum "$FILE" | cut -d ' ' -f 1
