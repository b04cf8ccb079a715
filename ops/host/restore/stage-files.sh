# Puts a directory of a snapshot beside the present one: into `.restore/new` in it. restic compares every byte with its hash.
# Prints the number of files and their bytes.
#   SNAPSHOT   id
#   SOURCE     path in the snapshot
#   DIRECTORY  absolute path on the host
#   WHO        is told to whoever comes meanwhile
take_lock "$WHO" # of ops/backup/common.sh: no backup removes meanwhile what is being read
waiting="$DIRECTORY/.restore"
rm -rf "$waiting"
mkdir -p "$waiting/new"
chmod 0700 "$waiting"
restic --no-cache --no-lock --quiet restore "$SNAPSHOT:$SOURCE" --target "$waiting/new" >&2
chown -R --reference="$DIRECTORY" "$waiting/new"
sync
find "$waiting/new" -type f -printf '%s\n' | awk '{ files++; bytes += $1 } END { printf "%d %d\n", files, bytes }'
