#!/bin/sh
# Runs a script inside a running container.
#
#   usage        exec-script.sh node|mongosh SCRIPT
#   DOCKER_HOST  the engine
#   CONTAINER    name of the container
#   PASS         names of the variables that the script gets, separated by blanks
#
# A mongosh script gets its secrets on standard input. A node script comes on standard input itself and gets none.
set -eu
PATH=$(CDPATH='' cd -- "$(dirname -- "$0")/../ssh" && pwd):$PATH # a remote engine: see ops/ssh/ssh

interpreter=$1
script=$2

set --
for name in $PASS; do
  set -- "$@" --env "$name"
done

case $interpreter in
  node) exec docker exec --interactive "$@" "$CONTAINER" node - < "$script" ;;
  mongosh) exec docker exec --interactive "$@" "$CONTAINER" mongosh --quiet --norc --nodb --eval "$(cat "$script")" ;;
  *) echo "$interpreter: is neither node nor mongosh" >&2; exit 2 ;;
esac
