#!/bin/sh
# What may happen between two collections' turns, one thing after the other: runs in MongoDB's image beside a mongod without a login,
# with scripts/backup at /scripts. Prints what scripts/backup/archive.js makes of it, and what mongorestore makes of that.
set -eu
cd "$(mktemp -d)"
mkdir files
does() { mongosh --quiet --norc rocketchat --eval "$users $1" >/dev/null; }
reads() { mongodump --quiet --db rocketchat --numParallelCollections=1 "$@"; }
step() {
  code=0
  STEP=$1 MAIN=main ARCHIVE=archive BEFORE=before AFTER=after FILES=files ROUND=round MISSING=missing MANIFEST=manifest \
    RESERVE=1 FACTS='{"startedAt":"2026-01-01T00:00:00Z"}' \
    mongosh --nodb --quiet --norc --eval 'require("/scripts/archive.js")' || code=$?
}
# shellcheck disable=SC2016 # mongosh's own
users='
  const upload = (id) => {
    db.rocketchat_uploads.insertOne({ _id: id, extension: "bin", store: "FileSystem:Uploads", complete: true });
    db.rocketchat_message.insertOne({ _id: `m-${id}`, file: { _id: id }, files: [{ _id: id }] });
  };
  const remove = (id) => {
    db.rocketchat_uploads.deleteOne({ _id: id });
    db.rocketchat_message.deleteOne({ _id: `m-${id}` });
  };'

does '
  db.rocketchat_avatars.insertOne({ _id: "face", store: "GridFS:Avatars", complete: true });
  db.rocketchat_avatars.files.insertOne({ _id: "face", length: 3 });
  db.rocketchat_avatars.chunks.insertOne({ files_id: "face", n: 0, data: BinData(0, "AAAA") });'
does 'upload("old"); upload("removed"); db.rocketchat_message.insertOne({ _id: "m", file: { _id: "never-there" } })'
touch files/old.bin files/removed.bin
reads --collection rocketchat_uploads --archive=before
does 'upload("made"); upload("short-lived")'
reads --excludeCollection rocketchat_uploads --archive=main
does 'remove("removed"); remove("short-lived")'
reads --collection rocketchat_uploads --archive=after
touch files/made.bin
step dump
step join
echo "first round: status $code, missing: $(sort missing | xargs)"

LAST=yes
export LAST
step dump
step join
mongorestore --quiet --archive=archive --nsFrom 'rocketchat.*' --nsTo 'first.*'
print='print(db.rocketchat_uploads.find().toArray().map(({ _id }) => _id).sort().join(" "))'
echo "as it would be restored: $(mongosh --quiet --norc first --eval "$print")"
unset LAST

reads --collection rocketchat_uploads --archive=before
reads --excludeCollection rocketchat_uploads --archive=main
reads --collection rocketchat_uploads --archive=after
step dump
step join
echo "second round: status $code, missing: $(sort missing | xargs)"
