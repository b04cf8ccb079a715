# Where a snapshot's administrator has another password than the host's secrets say, keeps that one beside it, and says so. The
# database that was restored knows only that one.
#   STAGING   absolute path of where stage-database.sh has put that one
#   SECRETS   absolute path of the workspace's secrets
umask 077
theirs="$SECRETS/admin-password.restored"
if [ ! -e "$STAGING/admin-password" ]; then exit 0; fi # removed by one that was killed, which had been here
if cmp -s "$STAGING/admin-password" "$SECRETS/admin-password"; then
  rm -f "$theirs"
else
  cp "$STAGING/admin-password" "$theirs.new"
  chmod 0400 "$theirs.new"
  mv "$theirs.new" "$theirs"
  echo "$theirs"
fi
