# Prints what only the host knows of directories, a line each: the disk, its free bytes, the number of files below it.
#   PATHS  absolute paths, separated by blanks
for path in $PATHS; do
  mkdir -p "$path"
  # shellcheck disable=SC2046 # two numbers
  set -- $(stat -f -c '%a %S' "$path")
  echo "$(stat -c %d "$path") $(($1 * $2)) $(find "$path" -type f ! -path '*/.restore/*' ! -path '*/.backup-staging/*' | wc -l)"
done
