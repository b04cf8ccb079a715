# shellcheck shell=sh
# Sourced by helper.sh: a container that the steps of one deployment share, and what is asked of an image once.
#   ROCKETCHAT_HELPER  optional: directory on this machine that the command made which deploys, and removes with the container. In it:
#                      `name`, what the container is to be called; `mounts`, the host directories that it sees, one a line, all of which
#                      are root's alone; made here: `started`, and `owner-…`, what an image's user is, each with `.asked` beside it
#   HELPER_IMAGE, MOUNT, MOUNT_EXISTS, OWNER_IMAGE, OWNER_USER  see helper.sh

# shellcheck source=scripts/host/throw-away.sh
. "$(dirname -- "$0")/throw-away.sh"

# run_helper OPTIONS IMAGE COMMAND
run_helper() {
  throw_away --user 0 --network none --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER --memory 256m "$@"
}

# once NAME COMMAND...: what the command prints, from the first of those that ask at the same time.
once() {
  known=$ROCKETCHAT_HELPER/$1
  shift
  if mkdir "$known.asked" 2>/dev/null; then
    said=$("$@") || { status=$?; : > "$known.failed"; return "$status"; }
    printf '%s\n' "$said" > "$known.new"
    mv "$known.new" "$known"
  fi
  tries=0
  until [ -e "$known" ]; do
    # Whoever asked has said why, or was killed.
    if [ -e "$known.failed" ] || [ "$tries" -ge 600 ]; then return 1; fi
    tries=$((tries + 1))
    sleep 0.1
  done
  cat "$known"
}

# owner_in_image: uid:gid of OWNER_USER in OWNER_IMAGE.
owner_in_image() {
  if [ -n "${ROCKETCHAT_HELPER:-}" ]; then
    once "owner-$(printf %s "$OWNER_IMAGE ${OWNER_USER:-}" | cksum | tr ' ' -)" ask_owner
  else
    ask_owner
  fi
}
ask_owner() {
  ids=$(throw_away --network none --memory 128m --pids-limit 64 --entrypoint id "$OWNER_IMAGE" ${OWNER_USER:+"$OWNER_USER"})
  printf '%s\n' "$ids" | sed -n 's/^uid=\([0-9]*\).* gid=\([0-9]*\).*$/\1:\2/p' | grep .
}

# shares_container: sets `container` where the step's directory is one that it sees, and starts it for the first of them. It is for root's
# places alone: in one where another uid writes, a link could lead a step into another place.
shares_container() {
  if [ -z "${ROCKETCHAT_HELPER:-}" ] || [ -n "${MOUNT_EXISTS:-}" ]; then return 1; fi
  grep -qxF -- "$MOUNT" "$ROCKETCHAT_HELPER/mounts" || return 1
  container=$(cat "$ROCKETCHAT_HELPER/name")
  once started start_container > /dev/null
}
start_container() {
  set --
  while read -r directory; do set -- "$@" --volume "$directory:$directory"; done < "$ROCKETCHAT_HELPER/mounts"
  # It ends by itself where nobody removes it.
  run_helper --detach --name "$container" --pids-limit 256 "$@" "$HELPER_IMAGE" sleep 3600 > /dev/null
}
