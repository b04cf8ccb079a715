# Puts one file of a snapshot in its place, whole or not at all.
#   SNAPSHOT   id
#   SOURCE     path in the snapshot
#   FILE       absolute path on the host
#   DIRECTORY  whose owner the file gets; FILE is below it
#   WHO        is told to whoever comes meanwhile
# Ends with 64 where that is no file.
take_lock "$WHO" # of ops/backup/common.sh: no backup removes meanwhile what is being read
umask 077
waiting="$DIRECTORY/.restore"
rm -rf "$waiting"
mkdir -p "$waiting"
kind=$(restic --no-cache --no-lock --quiet ls --json "$SNAPSHOT" "$SOURCE" | grep -F "\"path\":\"$SOURCE\"" | sed -n 's/.*"type":"\([a-z]*\)".*/\1/p' | head -n 1)
if [ "$kind" = dir ] || [ -d "$FILE" ]; then
  rm -rf "$waiting"
  echo "$SOURCE: must be a file (got a directory); name one file in it, or restore the part as a whole" >&2
  exit 64
fi
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
