# Puts the secrets of a snapshot in their places on a host that has none, all or nothing; the repository's password stays what it is.
#   SNAPSHOT  id
#   SECRETS   absolute path of the workspace's
#   MONGO     absolute path of MongoDB's own, empty where others run it
#   WHO       is told to whoever comes meanwhile
take_lock "$WHO" # of ops/backup/common.sh
umask 077
fetch() { # NAME DIRECTORY
  rm -rf "$2.restoring"
  mkdir -p "$2.restoring"
  restic --no-cache --no-lock --quiet restore "$SNAPSHOT:/snapshot/secrets/$1" --target "$2.restoring" >&2
  chown -R 0:0 "$2.restoring"
  chmod 0700 "$2.restoring"
}
fetch rocketchat "$SECRETS"
cp -p "$SECRETS"/backup-password* "$SECRETS.restoring/"
# Of a workspace on a MongoDB of others there are none: the deployment makes those of the one that it starts.
found=$(restic --no-cache --no-lock --quiet ls "$SNAPSHOT" /snapshot/secrets)
if [ -n "$MONGO" ] && printf '%s\n' "$found" | grep -qx /snapshot/secrets/mongodb-shared; then
  fetch mongodb-shared "$MONGO"
  rm -rf "$MONGO"
  mv "$MONGO.restoring" "$MONGO"
fi
sync
rm -rf "$SECRETS"
mv "$SECRETS.restoring" "$SECRETS"
sync
