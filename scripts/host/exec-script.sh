#!/bin/sh
# Runs a script inside a running container, or a mongosh script in a throw-away container on a network.
#
#   usage           exec-script.sh node|mongosh SCRIPT
#   DOCKER_HOST     the engine
#   CONTAINER       optional: name of the container
#   IMAGE, NETWORK  optional: in place of CONTAINER, an image with mongosh and a user mongodb, and the network it is started on
#   PASS            names of the variables that the script gets, separated by blanks
#   ROCKETCHAT_DEPLOYMENT  optional: see throw-away.sh
#
# A mongosh script gets its secrets on standard input, and the engine keeps nothing of what it says. A node script comes on
# standard input itself and gets none.
set -eu
# shellcheck source=scripts/host/client.sh
. "$(dirname -- "$0")/client.sh"
# shellcheck source=scripts/host/throw-away.sh
. "$(dirname -- "$0")/throw-away.sh"
scripts=$client_root

interpreter=$1
script=$2

set --
for name in $PASS; do
  set -- "$@" --env "$name"
done

case $interpreter in
  node) exec docker exec --interactive "$@" "$CONTAINER" node - < "$script" ;;
  mongosh) ;;
  *) echo "$interpreter: is neither node nor mongosh" >&2; exit 2 ;;
esac

program=$(cat "$scripts/mongo/server.js" "$script")
if [ -n "${CONTAINER:-}" ]; then
  exec docker exec --interactive "$@" "$CONTAINER" mongosh --quiet --norc --nodb --eval "$program"
fi
# mongosh writes a log below HOME.
throw_away --interactive --network "$NETWORK" --user mongodb --tmpfs /tmp --env HOME=/tmp --memory 512m --pids-limit 100 \
  --entrypoint mongosh "$@" "$IMAGE" --quiet --norc --nodb --eval "$program"
