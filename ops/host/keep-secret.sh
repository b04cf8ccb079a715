# Keeps a secret on the host, which decides: stores the proposal from standard input only where there is no value yet,
# then answers the value that counts. The answer is the last thing it does.
#   DIRECTORY   absolute path, made for root alone
#   NAME        file name of the secret
#   GENERATION  which value of this secret is asked for; stored beside it (this release knows 1 only)
umask 077
mkdir -p "$DIRECTORY"
chmod 0700 "$DIRECTORY"
cd "$DIRECTORY" || exit 1

if [ ! -s "$NAME" ]; then
  rm -f ".$NAME.new"
  cat > ".$NAME.new"
  [ -s ".$NAME.new" ] || { echo "$NAME: no value was proposed" >&2; exit 1; }
  chmod 0400 ".$NAME.new"
  printf '%s\n' "$GENERATION" > "$NAME.generation"
  sync
  mv ".$NAME.new" "$NAME"
  sync
fi

cat "$NAME"
