# Puts the secrets of a snapshot in their places on a host that has none, all or nothing; the repository's password stays what it is.
#   SNAPSHOT  id
#   SECRETS   absolute path of the workspace's
#   MONGO     absolute path of MongoDB's own, empty where others run it
#   WHO       is told to whoever comes meanwhile
take_lock "$WHO" # of scripts/backup/common.sh
umask 077
# A snapshot keeps links, owners and modes, which are not for it to say: files alone are taken, and are root's.
fetch() { # NAME DIRECTORY
  (
    above=$(dirname "$2") fetched=$(basename "$2").restoring
    enter "$above" # it may be an operator's: nobody who writes data writes there (preflight/parents.ts)
    take_away "$fetched"
    make_place "$fetched"
    restic --no-cache --no-lock --quiet restore "$SNAPSHOT:/snapshot/secrets/$1" --target . >&2
    find . -mindepth 1 ! -type f -delete
    rm -f .held # of make_place
    chown -h 0:0 ./*
    chmod 0400 ./*
  )
}
fetch rocketchat "$SECRETS"
for file in "$SECRETS"/backup-password*; do
  rm -f "$SECRETS.restoring/${file##*/}"
  cp -P --preserve=mode "$file" "$SECRETS.restoring/"
done
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
