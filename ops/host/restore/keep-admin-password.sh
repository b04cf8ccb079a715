# Where a snapshot's administrator has another password than the host's secrets say, keeps that one beside it, and says so. The
# database that was restored knows only that one.
#   SNAPSHOT  id
#   SECRETS   absolute path of the workspace's secrets
umask 077
theirs="$SECRETS/admin-password.restored"
restic --no-cache --no-lock --quiet dump "$SNAPSHOT" /snapshot/secrets/rocketchat/admin-password > "$theirs.new"
if cmp -s "$theirs.new" "$SECRETS/admin-password"; then
  rm -f "$theirs.new" "$theirs"
else
  chmod 0400 "$theirs.new"
  mv "$theirs.new" "$theirs"
  echo "$theirs"
fi
