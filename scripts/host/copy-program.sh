#!/bin/sh
# Copies a program out of an image into a directory of the engine's host: beside it first, then renamed. Others may be
# copied there at the same time.
#   DOCKER_HOST  the engine
#   IMAGE        it has a shell
#   PROGRAM      absolute path in it; static, so that it runs in any image
#   DIRECTORY    absolute path on the host
#   ROCKETCHAT_DEPLOYMENT  optional: see throw-away.sh
set -eu
# shellcheck source=scripts/host/client.sh
. "$(dirname -- "$0")/client.sh"
# shellcheck source=scripts/host/throw-away.sh
. "$(dirname -- "$0")/throw-away.sh"
# shellcheck disable=SC2016 # the container's shell expands them
throw_away --user 0 --network none --memory 256m --pids-limit 16 --volume "$DIRECTORY:/to" --entrypoint sh "$IMAGE" \
  -euc 'new=/to/.${1##*/}.new; cp "$1" "$new"; chmod 0755 "$new"; mv "$new" "/to/${1##*/}"' sh "$PROGRAM"
