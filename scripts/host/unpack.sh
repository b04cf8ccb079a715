# Writes the files of a bundle from standard input into a directory, each whole, and takes away what is not in it. Whoever has
# the directory mounted keeps it.
#   DIRECTORY  absolute path; holds nothing else
#   NAMES      of the files, separated by blanks
#   MARK       optional: what no file of the bundle says: each begins after a line `#:MARK NAME`; else `file`, as steps of 0.3.0 have it
#   END        optional: no file's name; the bundle's last line is `#:MARK END`; steps of 0.3.1 and earlier have none
umask 022
new=$DIRECTORY.new
rm -rf "$new"
mkdir -p "$DIRECTORY" "$new"
awk -v directory="$DIRECTORY" -v mark="#:${MARK:-file} " -v names="$NAMES" -v end="${END:-}" '
  BEGIN { count = split(names, list, " "); for (at = 1; at <= count; at++) known[list[at]] = 1 }
  index($0, mark) != 1 { if (file != "") print > file; next }
  { name = substr($0, length(mark) + 1) }
  end != "" && name == end { whole = 1; file = ""; next }
  !(name in known) { print name ": is not one of " names >"/dev/stderr"; failed = 1; exit 1 }
  { file = directory ".new/" name }
  END { if (end != "" && !whole && !failed) { print directory ": the end did not come" >"/dev/stderr"; exit 1 } }' || { rm -rf "$new"; exit 1; }
# Where it was cut off, the caller was killed.
# shellcheck disable=SC2086 # a list of names
for name in $NAMES; do
  [ -s "$new/$name" ] || { rm -rf "$new"; echo "$DIRECTORY/$name: no content came" >&2; exit 1; }
done
sync
for name in $NAMES; do mv "$new/$name" "$DIRECTORY/"; done
rmdir "$new"
for file in "$DIRECTORY"/*; do
  case " $NAMES " in *" ${file##*/} "*) ;; *) rm -f "$file" ;; esac
done
