# Fetches the dump of a snapshot, and the password of the administrator that it knows. Prints the dump's bytes and SHA-256.
#   SNAPSHOT   id
#   DIRECTORY  absolute path of where it is put, as `database.archive`; made for root alone
#   WHO        is told to whoever comes meanwhile
take_lock "$WHO" # of scripts/backup/common.sh: no backup removes meanwhile what is being read
umask 077
rm -rf "$DIRECTORY"
mkdir -m 0700 "$DIRECTORY"
cd "$DIRECTORY" || exit
restic --no-cache --no-lock --quiet dump "$SNAPSHOT" /snapshot/database.archive > database.archive
restic --no-cache --no-lock --quiet dump "$SNAPSHOT" /snapshot/secrets/rocketchat/admin-password > admin-password
sync
stat -c %s database.archive
sha256sum database.archive | cut -d ' ' -f 1
