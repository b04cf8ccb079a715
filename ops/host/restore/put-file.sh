# Puts one file of a snapshot in its place, whole or not at all.
#   SNAPSHOT   id
#   SOURCE     path in the snapshot
#   FILE       absolute path on the host
#   DIRECTORY  whose owner the file gets; FILE is below it
#   WHO        is told to whoever comes meanwhile
take_lock "$WHO" # of ops/backup/common.sh: no backup removes meanwhile what is being read
umask 077
waiting="$DIRECTORY/.restore"
rm -rf "$waiting"
mkdir -p "$waiting"
restic --no-cache --no-lock --quiet dump "$SNAPSHOT" "$SOURCE" > "$waiting/file" || {
  status=$?
  rm -rf "$waiting"
  exit $status
}
mkdir -p "$(dirname "$FILE")"
chown --reference="$DIRECTORY" "$waiting/file"
chmod 0644 "$waiting/file"
sync
mv "$waiting/file" "$FILE"
rm -rf "$waiting"
sync
