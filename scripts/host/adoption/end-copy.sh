# Completes a copy: the old .env beside the dump, and its final name.
#   DIRECTORY  the copy while it is not whole
#   FINAL      its name when it is
#   ENV_FILE   the workspace's .env, which may not exist
umask 077
rm -rf "$DIRECTORY/check"
chmod 0600 "$DIRECTORY"/*
if [ -f "$ENV_FILE" ]; then cp -p "$ENV_FILE" "$DIRECTORY/env"; fi
sync
mv "$DIRECTORY" "$FINAL"
sync
