# Fetches a snapshot for a drill, into a directory of its own.
#   SNAPSHOT   id
#   DIRECTORY  absolute path; made for root alone
#   OWNER      uid:gid of Rocket.Chat's user
#   WHO        is told to whoever comes meanwhile
take_lock "$WHO" # of scripts/backup/common.sh: no backup removes meanwhile what is being read
umask 077
enter_roots "$(dirname "$DIRECTORY")"
take_away "$(basename "$DIRECTORY")"
make_place "$(basename "$DIRECTORY")"
restic --no-cache --no-lock --quiet restore "$SNAPSHOT:/snapshot" --target snapshot >&2
for part in uploads data; do plain "snapshot/$part"; done
chown -hR "$OWNER" snapshot/uploads snapshot/data
chmod 0755 . snapshot
mkdir db
stat -c %s snapshot/database.archive
sha256sum snapshot/database.archive | cut -d ' ' -f 1
find snapshot/uploads -type f -printf x | wc -c
