# Prints what only the host knows of directories, a line each: the disk, its free bytes, the number of files below it.
#   PATHS  absolute paths, separated by blanks
for path in $PATHS; do
  mkdir -p "$path"
  # shellcheck disable=SC2046 # two numbers
  set -- $(stat -f -c '%a %S' "$path")
  # What is root's and closed is a command's own. A name may hold anything, also a line break.
  files=$(find "$path" -mindepth 1 -type d -user 0 ! -perm /077 -prune -o -type f -print0 | tr -dc '\000' | wc -c)
  echo "$(stat -c %d "$path") $(($1 * $2)) $files"
done
