#!/bin/sh
# Runs a script on the engine's host: in a container of the helper image, as root, without a network.
#
#   usage         helper.sh SCRIPT        (standard input goes to the script)
#   DOCKER_HOST   the engine
#   HELPER_IMAGE  image with a POSIX shell
#   MOUNT         host directory that the script sees under the same path; the engine makes it when it is missing
#   MOUNT_EXISTS  optional: when set, a directory that is missing is a failure
#   PASS          names of the variables that the script gets, separated by blanks
#   OWNER_IMAGE   optional: the script gets OWNER=uid:gid of the user that this image runs as
#   OWNER_USER    optional: or of this user in it, see helper-container.sh
#   ROCKETCHAT_DEPLOYMENT  optional: see throw-away.sh
#   ROCKETCHAT_HELPER      optional: see helper-container.sh
#
# Nothing the script prints is kept by the engine (--log-driver none): some answers are secrets. An answer is held back until
# the script has ended with 0: what a failed step printed, Pulumi shows. The script is root without the privileges that it does
# not need: it may change owners and modes, and read and write what is not its own.
set -eu
# shellcheck source=scripts/host/client.sh
. "$(dirname -- "$0")/client.sh"
# shellcheck source=scripts/host/helper-container.sh
. "$(dirname -- "$0")/helper-container.sh"

script=$1

if [ -n "${OWNER_IMAGE:-}" ]; then
  OWNER=$(owner_in_image)
  export OWNER
  PASS="$PASS OWNER"
fi

set --
for name in $PASS; do
  set -- "$@" --env "$name"
done

# The full stop keeps the newlines at the end of the answer.
if shares_container; then
  answer=$(docker exec --interactive "$@" "$container" sh -euc "$(cat "$script")" && echo .)
else
  if [ -n "${MOUNT_EXISTS:-}" ]; then
    set -- "$@" --mount "type=bind,source=$MOUNT,target=$MOUNT"
  else
    set -- "$@" --volume "$MOUNT:$MOUNT"
  fi
  answer=$(run_helper --interactive --pids-limit 64 "$@" "$HELPER_IMAGE" sh -euc "$(cat "$script")" && echo .)
fi
printf %s "${answer%.}"
