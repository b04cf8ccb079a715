#!/bin/sh
# Runs a script on the engine's host: in a throw-away container of the helper image, as root, without a network.
#
#   usage        helper.sh SCRIPT        (standard input goes to the script)
#   DOCKER_HOST  the engine
#   HELPER_IMAGE image with a POSIX shell
#   MOUNT        host directory that the script sees under the same path; the engine makes it when it is missing
#   MOUNT_EXISTS when set, a directory that is missing is a failure
#   PASS         names of the variables that the script gets, separated by blanks
#   ROCKETCHAT_DEPLOYMENT  optional: whose work it is, so that the next deployment can end what a killed one left
#   OWNER_IMAGE  when set, the script gets OWNER=uid:gid of the user that this image runs as, or of OWNER_USER in it
#
# Nothing the script prints is kept by the engine (--log-driver none): some answers are secrets. An answer is held back until
# the script has ended with 0: what a failed step printed, Pulumi shows. The script is root without the privileges that it does
# not need: it may change owners and modes, and read and write what is not its own.
set -eu
# shellcheck source=scripts/host/client.sh
. "$(dirname -- "$0")/client.sh"

script=$1

if [ -n "${OWNER_IMAGE:-}" ]; then
  id_in_image() {
    docker run --rm --label "rocketchat.deployment=${ROCKETCHAT_DEPLOYMENT:-}" \
      --network none --log-driver none --read-only --cap-drop ALL --security-opt no-new-privileges \
      --memory 128m --pids-limit 64 --entrypoint id "$OWNER_IMAGE" "$1" ${OWNER_USER:+"$OWNER_USER"}
  }
  # An assignment each: of two in one the failure of the first is lost.
  uid=$(id_in_image -u)
  gid=$(id_in_image -g)
  export OWNER="$uid:$gid"
  PASS="$PASS OWNER"
fi

set --
for name in $PASS; do
  set -- "$@" --env "$name"
done

if [ -n "${MOUNT_EXISTS:-}" ]; then
  set -- "$@" --mount "type=bind,source=$MOUNT,target=$MOUNT"
else
  set -- "$@" --volume "$MOUNT:$MOUNT"
fi

# The full stop keeps the newlines at the end of the answer.
answer=$(docker run --rm --label "rocketchat.deployment=${ROCKETCHAT_DEPLOYMENT:-}" \
  --interactive --user 0 --network none --log-driver none --read-only \
  --cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER --security-opt no-new-privileges \
  --memory 256m --pids-limit 64 "$@" \
  "$HELPER_IMAGE" sh -euc "$(cat "$script")" && echo .)
printf %s "${answer%.}"
