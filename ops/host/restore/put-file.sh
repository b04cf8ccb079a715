# Puts one file of a snapshot in its place, whole or not at all.
#   SNAPSHOT   id
#   SOURCE     path in the snapshot
#   FILE       absolute path on the host
#   DIRECTORY  whose owner the file gets; FILE is below it
#   WHO        is told to whoever comes meanwhile
# Ends with 64 where that is no file of it.
take_lock "$WHO" # of ops/backup/common.sh: no backup removes meanwhile what is being read
umask 077
waiting="$DIRECTORY/.restore"
found=$(restic --no-cache --no-lock --quiet ls "$SNAPSHOT" "$SOURCE")
if ! printf '%s\n' "$found" | grep -qxF -- "$SOURCE"; then
  echo "$SOURCE: is not in the snapshot; see whether the name is right, or choose another snapshot" >&2
  exit 64
fi
kind=$(restic --no-cache --no-lock --quiet ls --json "$SNAPSHOT" "$SOURCE" | grep -F "\"path\":\"$SOURCE\"" | sed -n 's/.*"type":"\([a-z]*\)".*/\1/p' | head -n 1)
if [ "$kind" = dir ] || [ -d "$FILE" ]; then
  echo "$SOURCE: must be a file (got a directory); name one file in it, or restore the part as a whole" >&2
  exit 64
fi
rm -rf "$waiting"
mkdir -p "$waiting"
restic --no-cache --no-lock --quiet dump "$SNAPSHOT" "$SOURCE" > "$waiting/file" || {
  status=$?
  rm -rf "$waiting"
  exit $status
}
parent=$(dirname "$FILE")
mkdir -p "$parent"
while [ "$parent" != "$DIRECTORY" ]; do
  chown --reference="$DIRECTORY" "$parent"
  chmod --reference="$DIRECTORY" "$parent"
  parent=$(dirname "$parent")
done
chown --reference="$DIRECTORY" "$waiting/file"
chmod 0644 "$waiting/file"
sync
mv -T "$waiting/file" "$FILE"
rm -rf "$waiting"
sync
