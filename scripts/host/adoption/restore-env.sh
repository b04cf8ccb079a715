# Puts the workspace's old .env back.
#   COPY      file of the copy
#   ENV_FILE  where it was
rm -f "$ENV_FILE.new"
cp -p "$COPY" "$ENV_FILE.new"
sync
mv "$ENV_FILE.new" "$ENV_FILE"
