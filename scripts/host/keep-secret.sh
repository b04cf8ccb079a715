# Keeps a secret on the host, which decides: stores the proposal from standard input where there is no value yet, or beside the
# value as NAME.next where a later generation is asked for; then answers the value that counts. The answer is the last thing it does.
#   DIRECTORY   absolute path, made for root alone
#   NAME        file name of the secret
#   GENERATION  which value of this secret is asked for, from 1; that of the value is in NAME.generation
# Who owns the account that the secret opens takes NAME.next over: see scripts/host/promote-secret.sh.
umask 077
mkdir -p "$DIRECTORY"
chmod 0700 "$DIRECTORY"
cd "$DIRECTORY" || exit 1

# store FILE: standard input, whole or not at all.
store() {
  rm -f ".$1.new"
  cat > ".$1.new"
  [ -s ".$1.new" ] || { echo "$1: no value was proposed" >&2; exit 1; }
  chmod 0400 ".$1.new"
  sync
  mv ".$1.new" "$1"
  sync
}

if [ ! -s "$NAME" ]; then
  printf '%s\n' "$GENERATION" > "$NAME.generation"
  store "$NAME"
elif [ "$(cat "$NAME.generation" 2>/dev/null || echo 1)" -lt "$GENERATION" ] && [ ! -s "$NAME.next" ]; then
  store "$NAME.next"
fi

if [ -s "$NAME.next" ]; then cat "$NAME.next"; else cat "$NAME"; fi
