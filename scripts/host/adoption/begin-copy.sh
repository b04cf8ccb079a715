# Makes an empty directory for a copy, root's alone, where there is room for it; removes what an interrupted attempt left.
#   DIRECTORY  absolute path of the copy while it is not whole
#   NEEDED     KiB
umask 077
rm -rf "$DIRECTORY"
mkdir -p "$DIRECTORY"
free=$(df -Pk "$DIRECTORY" | awk 'NR == 2 { print $4 }')
if [ "$free" -lt "$NEEDED" ]; then
  rmdir "$DIRECTORY"
  echo "$DIRECTORY: needs $((NEEDED / 1024)) MiB for a copy and its check (there are $((free / 1024)) MiB); make room" >&2
  exit 1
fi
