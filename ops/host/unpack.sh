# Writes the files of a bundle from standard input into a directory, each whole, and takes away what is not in it. Whoever has
# the directory mounted keeps it.
#   DIRECTORY  absolute path; holds nothing else
#   NAMES      of the files, separated by blanks
#   MARK       what no file of the bundle says: each begins after a line `#:MARK NAME`
umask 022
new=$DIRECTORY.new
rm -rf "$new"
mkdir -p "$DIRECTORY" "$new"
awk -v to="$new" -v mark="#:$MARK" -v names="$NAMES" '
  BEGIN { count = split(names, list, " "); for (at = 1; at <= count; at++) known[list[at]] = 1 }
  $1 == mark { if (!($2 in known)) { print $2 ": is not one of " names >"/dev/stderr"; exit 1 } file = to "/" $2; next }
  file != "" { print > file }'
# shellcheck disable=SC2086 # a list of names
for name in $NAMES; do
  # Cut off before it came: the caller was killed.
  [ -s "$new/$name" ] || { rm -rf "$new"; echo "$DIRECTORY/$name: no content came" >&2; exit 1; }
done
sync
for name in $NAMES; do mv "$new/$name" "$DIRECTORY/"; done
rmdir "$new"
for file in "$DIRECTORY"/*; do
  case " $NAMES " in *" ${file##*/} "*) ;; *) rm -f "$file" ;; esac
done
