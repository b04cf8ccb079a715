# Fails where a workspace has data already.
#   SECRETS  absolute path of its secrets; only the repository's password may be there
#   AWAITING absolute path of the file that says that secrets are being put back here: they may be there then
#   PLACES   absolute paths of data, separated by blanks
for file in "$SECRETS"/*.generation; do
  if [ -e "$AWAITING" ]; then break; fi
  case $file in */backup-password.generation | "$SECRETS/*.generation") continue ;; esac
  echo "$file" >&2
  exit 1
done
for path in $PLACES; do
  found=$(find "$path" -mindepth 1 ! -name lost+found 2>/dev/null | head -n 1)
  if [ -n "$found" ]; then
    echo "$found" >&2
    exit 1
  fi
done
