# shellcheck shell=sh
# Sourced by scripts that run a throw-away container, the only `docker run` of theirs: it has no right but what is asked for, the
# engine keeps nothing of what it says, and the next deployment ends it where this one was killed.
#   ROCKETCHAT_DEPLOYMENT  optional: whose work it is, so that the next deployment can end what a killed one left

# throw_away OPTIONS IMAGE COMMAND
throw_away() {
  docker run --rm --label "rocketchat.deployment=${ROCKETCHAT_DEPLOYMENT:-}" --log-driver none --read-only \
    --cap-drop ALL --security-opt no-new-privileges "$@"
}
