# Fetches a snapshot for a drill, into a directory of its own.
#   SNAPSHOT   id
#   DIRECTORY  absolute path; made for root alone
#   OWNER      uid:gid of Rocket.Chat's user
#   WHO        is told to whoever comes meanwhile
take_lock "$WHO" # of ops/backup/common.sh: no backup removes meanwhile what is being read
umask 077
rm -rf "$DIRECTORY"
mkdir -p "$DIRECTORY"
restic --no-cache --no-lock --quiet restore "$SNAPSHOT:/snapshot" --target "$DIRECTORY/snapshot" >&2
chown -R "$OWNER" "$DIRECTORY/snapshot/uploads" "$DIRECTORY/snapshot/data"
chmod 0755 "$DIRECTORY" "$DIRECTORY/snapshot"
mkdir "$DIRECTORY/db"
stat -c %s "$DIRECTORY/snapshot/database.archive"
sha256sum "$DIRECTORY/snapshot/database.archive" | cut -d ' ' -f 1
find "$DIRECTORY/snapshot/uploads" -type f -printf x | wc -c
