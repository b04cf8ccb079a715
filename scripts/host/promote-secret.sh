# Takes the next value of a secret over, once the account that it opens has it. Done twice, it does nothing; killed in between, a
# repeat finishes: while NAME.next is there, it is the value that counts.
#   DIRECTORY, NAME, GENERATION  as in scripts/host/keep-secret.sh
umask 077
cd "$DIRECTORY" || exit 1
printf '%s\n' "$GENERATION" > "$NAME.generation.new"
mv "$NAME.generation.new" "$NAME.generation"
if [ -s "$NAME.next" ]; then mv "$NAME.next" "$NAME"; fi
sync
