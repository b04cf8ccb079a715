# shellcheck disable=SC2154 # place comes from waiting.sh
# Puts one file of a snapshot in its place, whole or not at all. Links on the way are refused, and one in its place is replaced.
#   SNAPSHOT   id
#   SOURCE     path in the snapshot
#   NAME       path below DIRECTORY, whose owner the file gets
#   WHO        is told to whoever comes meanwhile
#   DIRECTORY, BESIDE  see waiting.sh
# Ends with 64 where that is no file of it.
take_lock "$WHO" # of scripts/backup/common.sh: no backup removes meanwhile what is being read
umask 077
not_a_file() { refuse "$SOURCE: must be a file (got $1); name one file in it, or restore the part as a whole"; }
# It comes first, before what is in it; its name and path are escaped in JSON's way, and so is all in them that looks like a type.
listed=$(restic --no-cache --no-lock --quiet ls --json "$SNAPSHOT" "$SOURCE")
kind=$(printf '%s\n' "$listed" | sed -n 's/^.*"type":"\([a-z_]*\)".*$/\1/p' | sed -n 1p)
case $kind in
  file) ;;
  '') refuse "$SOURCE: is not in the snapshot; see whether the name is right, or choose another snapshot" ;;
  dir) not_a_file "a directory" ;;
  *) not_a_file "a $kind" ;;
esac

remove_waiting
choose_waiting
found=$(owner_of "$DIRECTORY")
owner=${found% *} mode=${found#* }
trap remove_waiting EXIT
enter_above "$DIRECTORY"
make_place "$place"
restic --no-cache --no-lock --quiet dump "$SNAPSHOT" "$SOURCE" > file
chown -h "$owner" file
chmod 0644 file
exec 8<.
enter "$DIRECTORY"
rest=$NAME
while [ "$rest" != "${rest#*/}" ]; do
  part=${rest%%/*} rest=${rest#*/}
  here=$(present_directory)
  if mkdir -m 0700 -- "./$part" 2>/dev/null; then
    enter_roots "$here/$part"
    [ -z "$(ls -A)" ] || refuse "$here/$part: must be new (got another directory in its place); run the command again"
    chown -h "$owner" .
    chmod "$mode" .
  else
    enter "$here/$part"
  fi
done
if [ -d "./$rest" ] && [ ! -L "./$rest" ]; then not_a_file "a directory"; fi
sync
mv -fT /proc/self/fd/8/file "./$rest" ||
  refuse "$DIRECTORY/$NAME: must have a directory that stays (got one that somebody changed meanwhile); see who does, then run the command again"
sync
